using System.Numerics;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>Nodes for the six comparisons.</summary>
internal static class Comparisons
{
    internal static KernelNode Compile(BinaryExpr e, Func<Expr, KernelNode> inner)
    {
        if (e.Left is ConstantExpr { Value: not null } && e.Right is not ConstantExpr)
        {
            e = Expr.Binary(Mirror(e.Operator), e.Right, e.Left);
        }

        e = Narrow(e);
        return e.Left.Type.Kind switch
        {
            ValueKind.Int8 => Of<sbyte>(e, inner),
            ValueKind.UInt8 => Of<byte>(e, inner),
            ValueKind.Int16 => Of<short>(e, inner),
            ValueKind.UInt16 => Of<ushort>(e, inner),
            ValueKind.Int32 => Of<int>(e, inner),
            ValueKind.UInt32 => Of<uint>(e, inner),
            ValueKind.Int64 => Of<long>(e, inner),
            ValueKind.UInt64 => Of<ulong>(e, inner),
            ValueKind.Float32 => Of<float>(e, inner),
            ValueKind.Float64 => Of<double>(e, inner),
            ValueKind.Decimal => Of<decimal>(e, inner),
            ValueKind.DateTime => Create<long>(e.Operator, Ticks<DateTime, TicksOf>(e.Left, inner), TickOperand<DateTime, TicksOf>(e.Right, inner)),
            ValueKind.DateTimeOffset => Create<long>(e.Operator, Ticks<DateTimeOffset, TicksOfOffset>(e.Left, inner), TickOperand<DateTimeOffset, TicksOfOffset>(e.Right, inner)),
            ValueKind.TimeSpan => Create<long>(e.Operator, Ticks<TimeSpan, TicksOfSpan>(e.Left, inner), TickOperand<TimeSpan, TicksOfSpan>(e.Right, inner)),
            _ => new TextTestNode(TextTestNode.Of(e.Operator), inner(e.Left), inner(e.Right)),
        };
    }

    /// <summary>A comparison of a widened whole number with a constant that the narrow kind holds is one of narrow numbers.</summary>
    private static BinaryExpr Narrow(BinaryExpr e)
    {
        if (e.Left is ConvertExpr { Operand: var narrow } && e.Right is ConstantExpr { Value: { } value }
            && narrow.Type.IsInteger && e.Right.Type.IsInteger && TypeRules.IsWidening(narrow.Type.Kind, e.Left.Type.Kind))
        {
            Int128 number = value switch
            {
                ulong v => v,
                _ => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
            };
            object? small = narrow.Type.Kind switch
            {
                ValueKind.Int8 => Fit<sbyte>(number),
                ValueKind.UInt8 => Fit<byte>(number),
                ValueKind.Int16 => Fit<short>(number),
                ValueKind.UInt16 => Fit<ushort>(number),
                ValueKind.Int32 => Fit<int>(number),
                ValueKind.UInt32 => Fit<uint>(number),
                _ => Fit<long>(number),
            };
            return small is not null && ColumnType.KindOf(small.GetType()) == narrow.Type.Kind
                ? Expr.Binary(e.Operator, narrow, Expr.Constant(small))
                : e;
        }

        return e;
    }

    private static object? Fit<T>(Int128 number)
        where T : struct, INumberBase<T> => Int128.CreateTruncating(T.CreateTruncating(number)) == number ? T.CreateTruncating(number) : null;

    private static BinaryOperator Mirror(BinaryOperator op) => op switch
    {
        BinaryOperator.LessThan => BinaryOperator.GreaterThan,
        BinaryOperator.LessThanOrEqual => BinaryOperator.GreaterThanOrEqual,
        BinaryOperator.GreaterThan => BinaryOperator.LessThan,
        BinaryOperator.GreaterThanOrEqual => BinaryOperator.LessThanOrEqual,
        _ => op,
    };

    private static KernelNode Of<T>(BinaryExpr e, Func<Expr, KernelNode> inner)
        where T : unmanaged, INumber<T> => Create(e.Operator, inner(e.Left), KernelCompiler.Operand<T>(e.Right, inner));

    private static KernelNode Create<T>(BinaryOperator op, KernelNode left, Operand<T> right)
        where T : unmanaged, INumber<T> => op switch
        {
            BinaryOperator.Equal => new CompareNode<T, EqualTo<T>>(left, right, NullComparison.Equal),
            BinaryOperator.NotEqual => new CompareNode<T, UnequalTo<T>>(left, right, NullComparison.Unequal),
            BinaryOperator.LessThan => new CompareNode<T, Less<T>>(left, right, NullComparison.Order),
            BinaryOperator.LessThanOrEqual => new CompareNode<T, LessOrEqual<T>>(left, right, NullComparison.Order),
            BinaryOperator.GreaterThan => new CompareNode<T, Greater<T>>(left, right, NullComparison.Order),
            _ => new CompareNode<T, GreaterOrEqual<T>>(left, right, NullComparison.Order),
        };

    private static MapNode<T, long, TTicks> Ticks<T, TTicks>(Expr e, Func<Expr, KernelNode> inner)
        where T : unmanaged
        where TTicks : struct, IMap<T, long> => new(new ColumnType(ValueKind.Int64, e.Type.Nullable), inner(e), null);

    private static Operand<long> TickOperand<T, TTicks>(Expr e, Func<Expr, KernelNode> inner)
        where T : unmanaged
        where TTicks : struct, IMap<T, long> =>
        e is ConstantExpr { Value: T value } ? new Operand<long>(TTicks.Apply(value)) : new Operand<long>(Ticks<T, TTicks>(e, inner));
}
