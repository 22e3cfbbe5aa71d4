namespace Culvert.Streams.Expressions;

/// <summary>What each function takes and gives.</summary>
internal static class FunctionRules
{
    internal static ColumnType ResultType(Function function, ReadOnlySpan<Expr> arguments)
    {
        bool nullable = false;
        foreach (Expr argument in arguments)
        {
            nullable |= argument.Type.Nullable;
        }

        if (function is Function.IsNull or Function.HasValue && arguments.Length == 1)
        {
            return new ColumnType(ValueKind.Bool);
        }

        ValueKind? kind = arguments.Length is 0 or > CallExpr.ArgumentsMax ? null : ResultKind(function, arguments);
        return kind is { } found
            ? new ColumnType(found, nullable || function is Function.ParseInteger or Function.ParseNumber or Function.ParseDateTime)
            : throw new ExpressionTypeException($"{function} does not apply to ({Describe(arguments)})");
    }

    internal static bool CanFail(Function function, ReadOnlySpan<Expr> arguments) => function switch
    {
        Function.Abs => arguments[0].Type.Kind is not (ValueKind.Float32 or ValueKind.Float64),
        Function.Sign => arguments[0].Type.Kind is ValueKind.Float32 or ValueKind.Float64,
        Function.Round => arguments.Length == 2,
        Function.Substring or Function.FromUnixSeconds or Function.FromUnixMilliseconds or Function.TruncateTo => true,
        _ => false,
    };

    private static ValueKind? ResultKind(Function function, ReadOnlySpan<Expr> arguments)
    {
        int count = arguments.Length;
        ValueKind first = arguments[0].Type.Kind;
        ValueKind second = count > 1 ? arguments[1].Type.Kind : default;
        switch (function)
        {
            case Function.Abs when count == 1 && TypeRules.IsArithmetic(first) && first is not (ValueKind.UInt32 or ValueKind.UInt64):
            case Function.Min or Function.Max when count == 2 && first == second && TypeRules.IsArithmetic(first):
            case Function.Floor or Function.Ceiling or Function.Truncate when count == 1 && first is ValueKind.Float64 or ValueKind.Decimal:
            case Function.Round when first is ValueKind.Float64 or ValueKind.Decimal && (count == 1 || (count == 2 && second == ValueKind.Int32)):
            case Function.Sqrt or Function.Exp or Function.Log or Function.Log10 when count == 1 && first == ValueKind.Float64:
            case Function.Pow when count == 2 && first == ValueKind.Float64 && second == first:
            case Function.Lower or Function.Upper or Function.Trim when count == 1 && first == ValueKind.Text:
            case Function.TruncateTo when count == 2 && first == ValueKind.DateTime && second == ValueKind.TimeSpan:
                return first;
            case Function.Sign when count == 1 && TypeRules.IsArithmetic(first) && first is not (ValueKind.UInt32 or ValueKind.UInt64):
            case Function.Length when count == 1 && first == ValueKind.Text:
            case >= Function.Year and <= Function.DayOfYear when count == 1 && TypeRules.IsMoment(first):
                return ValueKind.Int32;
            case Function.IsNaN when count == 1 && first is ValueKind.Float64 or ValueKind.Float32:
            case Function.StartsWith or Function.EndsWith or Function.Contains when count == 2 && first == ValueKind.Text && second == first:
                return ValueKind.Bool;
            case Function.Substring when first == ValueKind.Text && AllAre(arguments[1..], ValueKind.Int32) && count is 2 or 3:
            case Function.Concat when AllAre(arguments, ValueKind.Text):
            case Function.ToText when count == 1 && arguments[0].Type.IsInteger:
                return ValueKind.Text;
            case Function.Date when count == 1 && first == ValueKind.DateTime:
            case Function.FromUnixSeconds or Function.FromUnixMilliseconds when count == 1 && first == ValueKind.Int64:
            case Function.ParseDateTime when count == 1 && first == ValueKind.Text:
                return ValueKind.DateTime;
            case Function.TimeOfDay when count == 1 && first == ValueKind.DateTime:
                return ValueKind.TimeSpan;
            case Function.Ticks when count == 1 && first is ValueKind.DateTime or ValueKind.TimeSpan:
            case Function.ToUnixSeconds or Function.ToUnixMilliseconds when count == 1 && TypeRules.IsMoment(first):
            case Function.ParseInteger when count == 1 && first == ValueKind.Text:
                return ValueKind.Int64;
            case >= Function.TotalDays and <= Function.TotalMilliseconds when count == 1 && first == ValueKind.TimeSpan:
            case Function.ParseNumber when count == 1 && first == ValueKind.Text:
                return ValueKind.Float64;
            default:
                return null;
        }
    }

    private static bool AllAre(ReadOnlySpan<Expr> arguments, ValueKind kind)
    {
        foreach (Expr argument in arguments)
        {
            if (argument.Type.Kind != kind)
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(ReadOnlySpan<Expr> arguments)
    {
        List<string> types = [];
        foreach (Expr argument in arguments)
        {
            types.Add(argument.Type.ToString());
        }

        return string.Join(", ", types);
    }
}
