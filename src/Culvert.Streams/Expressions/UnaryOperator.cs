namespace Culvert.Streams.Expressions;

/// <summary>Operators of one operand. The numbers are part of the canonical form and never change.</summary>
public enum UnaryOperator : byte
{
    /// <summary>Minus; whole numbers wrap around.</summary>
    Negate = 1,

    /// <summary>Minus; a whole number that does not fit fails the row.</summary>
    NegateChecked = 2,

    /// <summary>Logical not; null stays null.</summary>
    Not = 3,

    /// <summary>All bits of a whole number turned.</summary>
    BitNot = 4,

    /// <summary>The value of something that may be missing; fails the row when it is.</summary>
    Value = 5,
}
