namespace Culvert.Streams.Expressions;

/// <summary>The types that operators take and give: C#'s, after promotion.</summary>
internal static class TypeRules
{
    internal static bool IsValueType(ColumnType type) => type.Kind is >= ValueKind.Bool and <= ValueKind.TimeSpan;

    /// <summary>The kinds that arithmetic works on: narrower ones are converted to int32 before.</summary>
    internal static bool IsArithmetic(ValueKind kind) => IsWideInteger(kind)
        || kind is ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal;

    internal static bool IsWideInteger(ValueKind kind) =>
        kind is ValueKind.Int32 or ValueKind.UInt32 or ValueKind.Int64 or ValueKind.UInt64;

    internal static bool IsMoment(ValueKind kind) => kind is ValueKind.DateTime or ValueKind.DateTimeOffset;

    internal static ColumnType Unary(UnaryOperator op, ColumnType operand)
    {
        bool fits = op switch
        {
            UnaryOperator.Negate => operand.Kind is ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.TimeSpan,
            UnaryOperator.NegateChecked => operand.Kind is ValueKind.Int32 or ValueKind.Int64,
            UnaryOperator.Not => operand.Kind == ValueKind.Bool,
            UnaryOperator.BitNot => IsWideInteger(operand.Kind),
            UnaryOperator.Value => true,
            _ => false,
        };
        return !fits ? throw new ExpressionTypeException($"{op} does not apply to {operand}")
            : op == UnaryOperator.Value ? operand with { Nullable = false } : operand;
    }

    internal static ColumnType Binary(BinaryOperator op, ColumnType left, ColumnType right) =>
        TryBinary(op, left, right)
        ?? throw new ExpressionTypeException($"'{ExprPrinter.Symbol(op)}' does not apply to {left} and {right}");

    internal static bool CanFail(BinaryOperator op, ValueKind left) => op switch
    {
        BinaryOperator.AddChecked or BinaryOperator.SubtractChecked or BinaryOperator.MultiplyChecked => true,
        BinaryOperator.Add or BinaryOperator.Subtract => left is ValueKind.Decimal or ValueKind.TimeSpan || IsMoment(left),
        BinaryOperator.Multiply => left == ValueKind.Decimal,
        BinaryOperator.Divide or BinaryOperator.Modulo => left is not (ValueKind.Float32 or ValueKind.Float64),
        _ => false,
    };

    internal static ColumnType Conditional(ColumnType test, ColumnType whenTrue, ColumnType whenFalse) =>
        test != new ColumnType(ValueKind.Bool) ? throw new ExpressionTypeException($"a condition is a bool, not {test}")
        : whenTrue.Kind != whenFalse.Kind ? throw new ExpressionTypeException($"a choice between {whenTrue} and {whenFalse} has no type")
        : whenTrue with { Nullable = whenTrue.Nullable || whenFalse.Nullable };

    internal static ColumnType Convert(ColumnType from, ColumnType to)
    {
        bool kinds = from.Kind == to.Kind || (from.IsNumeric && to.IsNumeric);
        return kinds && IsValueType(to) && (to.Nullable || !from.Nullable)
            ? to
            : throw new ExpressionTypeException($"{from} does not convert to {to}");
    }

    internal static bool ConversionCanFail(ValueKind from, ValueKind to, bool isChecked) =>
        from != to && (
            from == ValueKind.Decimal ? to is not (ValueKind.Float32 or ValueKind.Float64)
            : to == ValueKind.Decimal ? from is ValueKind.Float32 or ValueKind.Float64
            : isChecked && !IsWidening(from, to));

    /// <summary>Whether every value of an integer kind is one of another kind (floating-point targets take any number).</summary>
    internal static bool IsWidening(ValueKind from, ValueKind to)
    {
        if (to is ValueKind.Float32 or ValueKind.Float64)
        {
            return true;
        }

        if (!new ColumnType(from).IsInteger || !new ColumnType(to).IsInteger)
        {
            return false;
        }

        (int fromBits, bool fromSigned) = Integer(from);
        (int toBits, bool toSigned) = Integer(to);
        return fromSigned == toSigned ? toBits >= fromBits : toSigned && toBits > fromBits;
    }

    private static (int Bits, bool Signed) Integer(ValueKind kind) => kind switch
    {
        ValueKind.Int8 => (8, true),
        ValueKind.UInt8 => (8, false),
        ValueKind.Int16 => (16, true),
        ValueKind.UInt16 => (16, false),
        ValueKind.Int32 => (32, true),
        ValueKind.UInt32 => (32, false),
        ValueKind.Int64 => (64, true),
        _ => (64, false),
    };

    private static ColumnType? TryBinary(BinaryOperator op, ColumnType left, ColumnType right)
    {
        ColumnType both = left with { Nullable = left.Nullable || right.Nullable };
        bool same = left.Kind == right.Kind;
        switch (op)
        {
            case BinaryOperator.Add or BinaryOperator.Subtract when right.Kind == ValueKind.TimeSpan && (same || IsMoment(left.Kind)):
                return both;
            case BinaryOperator.Subtract when same && IsMoment(left.Kind):
                return both with { Kind = ValueKind.TimeSpan };
            case BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.Modulo:
                return same && IsArithmetic(left.Kind) ? both : null;
            case BinaryOperator.AddChecked or BinaryOperator.SubtractChecked or BinaryOperator.MultiplyChecked:
                return same && IsWideInteger(left.Kind) ? both : null;
            case BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Xor:
                return same && (IsWideInteger(left.Kind) || left.Kind == ValueKind.Bool) ? both : null;
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                return IsWideInteger(left.Kind) && right.Kind == ValueKind.Int32 ? both : null;
            case BinaryOperator.Equal or BinaryOperator.NotEqual:
                return same ? new ColumnType(ValueKind.Bool) : null;
            case >= BinaryOperator.LessThan and <= BinaryOperator.GreaterThanOrEqual:
                return same && left.Kind != ValueKind.Bool ? new ColumnType(ValueKind.Bool) : null;
            case BinaryOperator.AndAlso or BinaryOperator.OrElse:
                return same && left.Kind == ValueKind.Bool ? both : null;
            case BinaryOperator.Coalesce:
                return same ? left with { Nullable = left.Nullable && right.Nullable } : null;
            default:
                return null;
        }
    }
}
