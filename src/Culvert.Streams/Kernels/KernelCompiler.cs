using System.Diagnostics;
using System.Numerics;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>Chooses the nodes that compute an expression.</summary>
internal static class KernelCompiler
{
    /// <summary>More than one column, or one that is not text.</summary>
    private const int Several = -1;

    internal static KernelNode Compile(Expr expr) => Compile(expr, mayUseDictionary: true);

    private static KernelNode Compile(Expr e, bool mayUseDictionary)
    {
        if (mayUseDictionary && e is not (ColumnExpr or ConstantExpr) && OnlyTextColumn(e) is { } column and not Several)
        {
            return new DictionaryNode(Compile(e, mayUseDictionary: false), column);
        }

        KernelNode Inner(Expr child) => Compile(child, mayUseDictionary);
        return e switch
        {
            ColumnExpr c => c.Type.Kind == ValueKind.Bool ? new BoolColumnNode(c.Index) : new ColumnNode(c.Index),
            ConstantExpr c => Constant(c),
            UnaryExpr u => Unary(u, Inner(u.Operand)),
            BinaryExpr b => Binary(b, Inner),
            ConditionalExpr c => new ConditionalNode(c.Type, Inner(c.Test), Inner(c.WhenTrue), Inner(c.WhenFalse), c.WhenTrue.CanFail || c.WhenFalse.CanFail),
            ConvertExpr c => c.Type.Kind == c.Operand.Type.Kind ? Inner(c.Operand) : Conversions.Compile(c, Inner(c.Operand), Site(c, TypeRules.ConversionCanFail(c.Operand.Type.Kind, c.Type.Kind, c.IsChecked))),
            CallExpr c => FunctionCompiler.Compile(c, Inner),
            _ => throw new UnreachableException(),
        };
    }

    internal static FailureSite? Site(Expr e, bool canFail) => canFail ? new FailureSite(e) : null;

    /// <summary>A value for an operator that takes constants as such.</summary>
    internal static Operand<T> Operand<T>(Expr e, Func<Expr, KernelNode> inner)
        where T : unmanaged => e is ConstantExpr { Value: T value } ? new Operand<T>(value) : new Operand<T>(inner(e));

    /// <summary>A function of two values, of which at most one is taken as a constant.</summary>
    internal static KernelNode Two<TLeft, TRight, TOut, TMap>(Expr e, Expr left, Expr right, bool canFail, Func<Expr, KernelNode> inner)
        where TLeft : unmanaged
        where TRight : unmanaged
        where TOut : unmanaged
        where TMap : struct, IMap<TLeft, TRight, TOut>
    {
        Operand<TRight> r = Operand<TRight>(right, inner);
        Operand<TLeft> l = r.IsConstant ? new Operand<TLeft>(inner(left)) : Operand<TLeft>(left, inner);
        return new MapTwoNode<TLeft, TRight, TOut, TMap>(e.Type, l, r, Site(e, canFail));
    }

    /// <summary>The one column that is touched, null when none is.</summary>
    private static int? OnlyTextColumn(Expr e)
    {
        if (e is ColumnExpr column)
        {
            return column.Type.Kind == ValueKind.Text ? column.Index : Several;
        }

        int? found = null;
        foreach (Expr child in e.Children)
        {
            int? one = OnlyTextColumn(child);
            if (one is not null)
            {
                if (one == Several || (found is not null && found != one))
                {
                    return Several;
                }

                found = one;
            }
        }

        return found;
    }

    private static KernelNode Constant(ConstantExpr c) => c.Type.Kind switch
    {
        ValueKind.Bool => new ConstantMaskNode((bool?)c.Value),
        ValueKind.Int8 => new ConstantNode<sbyte>(c.Type, (sbyte?)c.Value),
        ValueKind.UInt8 => new ConstantNode<byte>(c.Type, (byte?)c.Value),
        ValueKind.Int16 => new ConstantNode<short>(c.Type, (short?)c.Value),
        ValueKind.UInt16 => new ConstantNode<ushort>(c.Type, (ushort?)c.Value),
        ValueKind.Int32 => new ConstantNode<int>(c.Type, (int?)c.Value),
        ValueKind.UInt32 => new ConstantNode<uint>(c.Type, (uint?)c.Value),
        ValueKind.Int64 => new ConstantNode<long>(c.Type, (long?)c.Value),
        ValueKind.UInt64 => new ConstantNode<ulong>(c.Type, (ulong?)c.Value),
        ValueKind.Float32 => new ConstantNode<float>(c.Type, (float?)c.Value),
        ValueKind.Float64 => new ConstantNode<double>(c.Type, (double?)c.Value),
        ValueKind.Decimal => new ConstantNode<decimal>(c.Type, (decimal?)c.Value),
        ValueKind.DateTime => new ConstantNode<DateTime>(c.Type, (DateTime?)c.Value),
        ValueKind.DateTimeOffset => new ConstantNode<DateTimeOffset>(c.Type, (DateTimeOffset?)c.Value),
        ValueKind.TimeSpan => new ConstantNode<TimeSpan>(c.Type, (TimeSpan?)c.Value),
        ValueKind.Text or ValueKind.Bytes => new ConstantTextNode(c.Type, c.Value is null ? null : c.Bytes.ToArray()),
        _ => throw new UnreachableException(),
    };

    private static KernelNode Unary(UnaryExpr e, KernelNode operand)
    {
        ColumnType type = e.Type;
        return (e.Operator, type.Kind) switch
        {
            (UnaryOperator.Value, _) => new ValueNode(operand, new FailureSite(e)),
            (UnaryOperator.Not, _) => new NotNode(operand),
            (UnaryOperator.Negate, ValueKind.Int32) => new MapNode<int, int, Minus<int>>(type, operand, null),
            (UnaryOperator.Negate, ValueKind.Int64) => new MapNode<long, long, Minus<long>>(type, operand, null),
            (UnaryOperator.Negate, ValueKind.Float32) => new MapNode<float, float, Minus<float>>(type, operand, null),
            (UnaryOperator.Negate, ValueKind.Float64) => new MapNode<double, double, Minus<double>>(type, operand, null),
            (UnaryOperator.Negate, ValueKind.Decimal) => new MapNode<decimal, decimal, Minus<decimal>>(type, operand, null),
            (UnaryOperator.Negate, ValueKind.TimeSpan) => new MapNode<TimeSpan, TimeSpan, SpanNegative>(type, operand, new FailureSite(e)),
            (UnaryOperator.NegateChecked, ValueKind.Int32) => new MapNode<int, int, CheckedMinus<int>>(type, operand, new FailureSite(e)),
            (UnaryOperator.NegateChecked, _) => new MapNode<long, long, CheckedMinus<long>>(type, operand, new FailureSite(e)),
            (_, ValueKind.Int32) => new MapNode<int, int, Complement<int>>(type, operand, null),
            (_, ValueKind.UInt32) => new MapNode<uint, uint, Complement<uint>>(type, operand, null),
            (_, ValueKind.Int64) => new MapNode<long, long, Complement<long>>(type, operand, null),
            _ => new MapNode<ulong, ulong, Complement<ulong>>(type, operand, null),
        };
    }

    private static KernelNode Binary(BinaryExpr e, Func<Expr, KernelNode> inner)
    {
        ValueKind kind = e.Left.Type.Kind;
        switch (e.Operator)
        {
            case BinaryOperator.Coalesce:
                return new CoalesceNode(e.Type, inner(e.Left), inner(e.Right), e.Right.CanFail);
            case BinaryOperator.AndAlso or BinaryOperator.OrElse:
                return new LogicNode(e.Operator == BinaryOperator.AndAlso ? LogicOperator.And : LogicOperator.Or, inner(e.Left), inner(e.Right), e.Right.CanFail);
            case >= BinaryOperator.Equal and <= BinaryOperator.GreaterThanOrEqual when kind != ValueKind.Bool:
                return Comparisons.Compile(e, inner);
        }

        return kind switch
        {
            ValueKind.Bool => new LogicNode(LogicOf(e.Operator), inner(e.Left), inner(e.Right), isLazy: false),
            ValueKind.Int32 => Integer<int>(e, inner),
            ValueKind.UInt32 => Integer<uint>(e, inner),
            ValueKind.Int64 => Integer<long>(e, inner),
            ValueKind.UInt64 => Integer<ulong>(e, inner),
            ValueKind.Float32 => Floating<float>(e, inner),
            ValueKind.Float64 => Floating<double>(e, inner),
            ValueKind.Decimal => Decimal(e, inner),
            _ => Moment(e, inner),
        };
    }

    private static LogicOperator LogicOf(BinaryOperator op) => op switch
    {
        BinaryOperator.And => LogicOperator.And,
        BinaryOperator.Or => LogicOperator.Or,
        BinaryOperator.Equal => LogicOperator.Equal,
        BinaryOperator.NotEqual => LogicOperator.Unequal,
        _ => LogicOperator.Xor,
    };

    private static ArithmeticNode<T, TOperation> Vector<T, TOperation>(BinaryExpr e, Func<Expr, KernelNode> inner)
        where T : unmanaged
        where TOperation : struct, IArithmetic<T>
    {
        Operand<T> right = Operand<T>(e.Right, inner);
        Operand<T> left = right.IsConstant ? new Operand<T>(inner(e.Left)) : Operand<T>(e.Left, inner);
        return new ArithmeticNode<T, TOperation>(e.Type, left, right);
    }

    private static KernelNode Integer<T>(BinaryExpr e, Func<Expr, KernelNode> inner)
        where T : unmanaged, IBinaryInteger<T> => e.Operator switch
        {
            BinaryOperator.Add => Vector<T, Add<T>>(e, inner),
            BinaryOperator.Subtract => Vector<T, Subtract<T>>(e, inner),
            BinaryOperator.Multiply => Vector<T, Multiply<T>>(e, inner),
            BinaryOperator.And => Vector<T, BitAnd<T>>(e, inner),
            BinaryOperator.Or => Vector<T, BitOr<T>>(e, inner),
            BinaryOperator.Xor => Vector<T, BitXor<T>>(e, inner),
            BinaryOperator.AddChecked => Two<T, T, T, CheckedAdd<T>>(e, e.Left, e.Right, true, inner),
            BinaryOperator.SubtractChecked => Two<T, T, T, CheckedSubtract<T>>(e, e.Left, e.Right, true, inner),
            BinaryOperator.MultiplyChecked => Two<T, T, T, CheckedMultiply<T>>(e, e.Left, e.Right, true, inner),
            BinaryOperator.Divide => Two<T, T, T, Divide<T>>(e, e.Left, e.Right, true, inner),
            BinaryOperator.Modulo => Two<T, T, T, Remainder<T>>(e, e.Left, e.Right, true, inner),
            BinaryOperator.ShiftLeft => Two<T, int, T, ShiftLeft<T>>(e, e.Left, e.Right, false, inner),
            _ => Two<T, int, T, ShiftRight<T>>(e, e.Left, e.Right, false, inner),
        };

    private static KernelNode Floating<T>(BinaryExpr e, Func<Expr, KernelNode> inner)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => e.Operator switch
        {
            BinaryOperator.Add => Vector<T, Add<T>>(e, inner),
            BinaryOperator.Subtract => Vector<T, Subtract<T>>(e, inner),
            BinaryOperator.Multiply => Vector<T, Multiply<T>>(e, inner),
            BinaryOperator.Divide => Vector<T, Quotient<T>>(e, inner),
            _ => Two<T, T, T, Remainder<T>>(e, e.Left, e.Right, false, inner),
        };

    private static KernelNode Decimal(BinaryExpr e, Func<Expr, KernelNode> inner) => e.Operator switch
    {
        BinaryOperator.Add => Two<decimal, decimal, decimal, CheckedAdd<decimal>>(e, e.Left, e.Right, true, inner),
        BinaryOperator.Subtract => Two<decimal, decimal, decimal, CheckedSubtract<decimal>>(e, e.Left, e.Right, true, inner),
        BinaryOperator.Multiply => Two<decimal, decimal, decimal, CheckedMultiply<decimal>>(e, e.Left, e.Right, true, inner),
        BinaryOperator.Divide => Two<decimal, decimal, decimal, Divide<decimal>>(e, e.Left, e.Right, true, inner),
        _ => Two<decimal, decimal, decimal, Remainder<decimal>>(e, e.Left, e.Right, true, inner),
    };

    private static KernelNode Moment(BinaryExpr e, Func<Expr, KernelNode> inner) => (e.Operator, e.Left.Type.Kind, e.Right.Type.Kind) switch
    {
        (BinaryOperator.Add, ValueKind.DateTime, _) => Two<DateTime, TimeSpan, DateTime, MomentPlus>(e, e.Left, e.Right, true, inner),
        (_, ValueKind.DateTime, ValueKind.TimeSpan) => Two<DateTime, TimeSpan, DateTime, MomentMinus>(e, e.Left, e.Right, true, inner),
        (_, ValueKind.DateTime, _) => Two<DateTime, DateTime, TimeSpan, MomentsApart>(e, e.Left, e.Right, true, inner),
        (BinaryOperator.Add, ValueKind.DateTimeOffset, _) => Two<DateTimeOffset, TimeSpan, DateTimeOffset, OffsetPlus>(e, e.Left, e.Right, true, inner),
        (_, ValueKind.DateTimeOffset, ValueKind.TimeSpan) => Two<DateTimeOffset, TimeSpan, DateTimeOffset, OffsetMinus>(e, e.Left, e.Right, true, inner),
        (_, ValueKind.DateTimeOffset, _) => Two<DateTimeOffset, DateTimeOffset, TimeSpan, OffsetsApart>(e, e.Left, e.Right, true, inner),
        (BinaryOperator.Add, _, _) => Two<TimeSpan, TimeSpan, TimeSpan, SpanPlus>(e, e.Left, e.Right, true, inner),
        _ => Two<TimeSpan, TimeSpan, TimeSpan, SpanMinus>(e, e.Left, e.Right, true, inner),
    };
}
