namespace Culvert.Streams.Expressions;

/// <summary>Operators of two operands. The numbers are part of the canonical form and never change.</summary>
public enum BinaryOperator : byte
{
    /// <summary>Sum; whole numbers wrap around. Also a moment or duration plus a duration.</summary>
    Add = 1,

    /// <summary>Sum of whole numbers; fails the row when it does not fit.</summary>
    AddChecked = 2,

    /// <summary>Difference; whole numbers wrap around. Also of moments and durations.</summary>
    Subtract = 3,

    /// <summary>Difference of whole numbers; fails the row when it does not fit.</summary>
    SubtractChecked = 4,

    /// <summary>Product; whole numbers wrap around.</summary>
    Multiply = 5,

    /// <summary>Product of whole numbers; fails the row when it does not fit.</summary>
    MultiplyChecked = 6,

    /// <summary>Quotient; of whole numbers cut towards zero, and a zero divisor fails the row.</summary>
    Divide = 7,

    /// <summary>Remainder with the sign of the dividend; a zero divisor of whole numbers fails the row.</summary>
    Modulo = 8,

    /// <summary>Bitwise on whole numbers, three-valued on booleans; both sides are evaluated.</summary>
    And = 9,

    /// <summary>Bitwise on whole numbers, three-valued on booleans; both sides are evaluated.</summary>
    Or = 10,

    /// <summary>Bitwise on whole numbers, exclusive or on booleans.</summary>
    Xor = 11,

    /// <summary>Shift by the low 5 or 6 bits of an int32.</summary>
    ShiftLeft = 12,

    /// <summary>Shift by the low 5 or 6 bits of an int32; signed numbers keep their sign.</summary>
    ShiftRight = 13,

    /// <summary>Equal; two nulls are equal, never null itself.</summary>
    Equal = 16,

    /// <summary>The opposite of <see cref="Equal"/>.</summary>
    NotEqual = 17,

    /// <summary>Less; false when a side is null.</summary>
    LessThan = 18,

    /// <summary>Less or equal; false when a side is null.</summary>
    LessThanOrEqual = 19,

    /// <summary>Greater; false when a side is null.</summary>
    GreaterThan = 20,

    /// <summary>Greater or equal; false when a side is null.</summary>
    GreaterThanOrEqual = 21,

    /// <summary>And whose right side is evaluated only where the left is not false.</summary>
    AndAlso = 24,

    /// <summary>Or whose right side is evaluated only where the left is not true.</summary>
    OrElse = 25,

    /// <summary>The left side, or the right where the left is null; evaluated only there.</summary>
    Coalesce = 26,
}
