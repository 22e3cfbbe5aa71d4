using Culvert.JobFiles.Yaml;
using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.JobFiles.Reading;

/// <summary>Finds comparisons that come out the same whatever the event.</summary>
internal static class ExpressionLint
{
    internal static void Check(Expr expr, YamlScalar scalar, DiagnosticList diagnostics)
    {
        if (expr is BinaryExpr { Operator: >= BinaryOperator.Equal and <= BinaryOperator.GreaterThanOrEqual } comparison
            && Verdict(comparison) is { } verdict)
        {
            diagnostics.Warning(scalar.Place, $"'{comparison}' {verdict}");
        }

        foreach (Expr child in expr.Children)
        {
            Check(child, scalar, diagnostics);
        }
    }

    private static string? Verdict(BinaryExpr e)
    {
        if (e.Left is ConstantExpr && e.Right is ConstantExpr)
        {
            return "compares two constants: it is the same for every event";
        }

        bool ordered = e.Operator >= BinaryOperator.LessThan;
        if (ordered && (IsNull(e.Left) || IsNull(e.Right)))
        {
            return "is never true: nothing is less or greater than null";
        }

        if (e.Operator is BinaryOperator.Equal or BinaryOperator.NotEqual
            && ((IsNull(e.Left) && !e.Right.Type.Nullable) || (IsNull(e.Right) && !e.Left.Type.Nullable)))
        {
            return "compares with null what is never missing";
        }

        return RangeVerdict(e);
    }

    /// <summary>A narrow column, widened for the comparison, against a number that it cannot hold.</summary>
    private static string? RangeVerdict(BinaryExpr e)
    {
        bool turned = e.Left is ConstantExpr;
        Expr column = Unwrap(turned ? e.Right : e.Left);
        if (column is not ColumnExpr || Range(column.Type.Kind) is not var (min, max)
            || Unwrap(turned ? e.Left : e.Right) is not ConstantExpr { Value: { } value } || Whole(value) is not { } number)
        {
            return null;
        }

        BinaryOperator op = !turned ? e.Operator : e.Operator switch
        {
            BinaryOperator.LessThan => BinaryOperator.GreaterThan,
            BinaryOperator.LessThanOrEqual => BinaryOperator.GreaterThanOrEqual,
            BinaryOperator.GreaterThan => BinaryOperator.LessThan,
            BinaryOperator.GreaterThanOrEqual => BinaryOperator.LessThanOrEqual,
            _ => e.Operator,
        };
        bool never = op switch
        {
            BinaryOperator.Equal => number < min || number > max,
            BinaryOperator.LessThan => number <= min,
            BinaryOperator.LessThanOrEqual => number < min,
            BinaryOperator.GreaterThan => number >= max,
            BinaryOperator.GreaterThanOrEqual => number > max,
            _ => false,
        };
        return never ? $"is never true: '{((ColumnExpr)column).Name}' is {column.Type}, from {min} to {max}" : null;
    }

    private static bool IsNull(Expr expr) => Unwrap(expr) is ConstantExpr { Value: null };

    private static Expr Unwrap(Expr expr)
    {
        while (expr is ConvertExpr convert)
        {
            expr = convert.Operand;
        }

        return expr;
    }

    private static Int128? Whole(object value) => value switch
    {
        sbyte v => v,
        byte v => v,
        short v => v,
        ushort v => v,
        int v => v,
        uint v => v,
        long v => v,
        ulong v => v,
        _ => null,
    };

    private static (Int128 Min, Int128 Max)? Range(ValueKind kind) => kind switch
    {
        ValueKind.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ValueKind.UInt8 => (byte.MinValue, byte.MaxValue),
        ValueKind.Int16 => (short.MinValue, short.MaxValue),
        ValueKind.UInt16 => (ushort.MinValue, ushort.MaxValue),
        ValueKind.Int32 => (int.MinValue, int.MaxValue),
        ValueKind.UInt32 => (uint.MinValue, uint.MaxValue),
        ValueKind.Int64 => (long.MinValue, long.MaxValue),
        ValueKind.UInt64 => (ulong.MinValue, ulong.MaxValue),
        _ => null,
    };
}
