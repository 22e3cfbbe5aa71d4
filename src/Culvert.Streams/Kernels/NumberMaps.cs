using System.Numerics;

namespace Culvert.Streams.Kernels;

/// <summary>Throws where the sum does not fit.</summary>
internal readonly struct CheckedAdd<T> : IMap<T, T, T>
    where T : IAdditionOperators<T, T, T>
{
    public static T Apply(T left, T right) => checked(left + right);
}

/// <summary>Throws where the difference does not fit.</summary>
internal readonly struct CheckedSubtract<T> : IMap<T, T, T>
    where T : ISubtractionOperators<T, T, T>
{
    public static T Apply(T left, T right) => checked(left - right);
}

/// <summary>Throws where the product does not fit.</summary>
internal readonly struct CheckedMultiply<T> : IMap<T, T, T>
    where T : IMultiplyOperators<T, T, T>
{
    public static T Apply(T left, T right) => checked(left * right);
}

/// <summary>Throws for a zero divisor of whole numbers and decimals.</summary>
internal readonly struct Divide<T> : IMap<T, T, T>
    where T : IDivisionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left / right;
}

/// <summary>Throws for a zero divisor of whole numbers and decimals.</summary>
internal readonly struct Remainder<T> : IMap<T, T, T>
    where T : IModulusOperators<T, T, T>
{
    public static T Apply(T left, T right) => left % right;
}

/// <summary>As Math.Min.</summary>
internal readonly struct Smaller<T> : IMap<T, T, T>
    where T : INumber<T>
{
    public static T Apply(T left, T right) => T.Min(left, right);
}

/// <summary>As Math.Max.</summary>
internal readonly struct Larger<T> : IMap<T, T, T>
    where T : INumber<T>
{
    public static T Apply(T left, T right) => T.Max(left, right);
}

internal readonly struct ShiftLeft<T> : IMap<T, int, T>
    where T : IShiftOperators<T, int, T>
{
    public static T Apply(T left, int right) => left << right;
}

internal readonly struct ShiftRight<T> : IMap<T, int, T>
    where T : IShiftOperators<T, int, T>
{
    public static T Apply(T left, int right) => left >> right;
}

internal readonly struct Minus<T> : IMap<T, T>
    where T : IUnaryNegationOperators<T, T>
{
    public static T Apply(T value) => -value;
}

internal readonly struct CheckedMinus<T> : IMap<T, T>
    where T : IUnaryNegationOperators<T, T>
{
    public static T Apply(T value) => checked(-value);
}

internal readonly struct Complement<T> : IMap<T, T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T value) => ~value;
}

internal readonly struct Absolute<T> : IMap<T, T>
    where T : INumber<T>
{
    public static T Apply(T value) => T.Abs(value);
}

internal readonly struct FloorOf<T> : IMap<T, T>
    where T : IFloatingPoint<T>
{
    public static T Apply(T value) => T.Floor(value);
}

internal readonly struct CeilingOf<T> : IMap<T, T>
    where T : IFloatingPoint<T>
{
    public static T Apply(T value) => T.Ceiling(value);
}

internal readonly struct TruncateOf<T> : IMap<T, T>
    where T : IFloatingPoint<T>
{
    public static T Apply(T value) => T.Truncate(value);
}

internal readonly struct RoundOf<T> : IMap<T, T>
    where T : IFloatingPoint<T>
{
    public static T Apply(T value) => T.Round(value);
}

internal readonly struct SignOf<T> : IMap<T, int>
    where T : INumber<T>
{
    public static int Apply(T value) => T.IsNaN(value) ? throw new ArithmeticException("NaN has no sign") : T.Sign(value);
}
