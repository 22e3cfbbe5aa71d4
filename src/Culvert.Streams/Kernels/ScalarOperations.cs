using System.Numerics;
using System.Runtime.Intrinsics;

namespace Culvert.Streams.Kernels;

/// <summary>A function of one value. It may throw where its node says that it can fail.</summary>
internal interface IMap<TIn, TOut>
{
    static abstract TOut Apply(TIn value);
}

/// <summary>A function of two values. It may throw where its node says that it can fail.</summary>
internal interface IMap<TLeft, TRight, TOut>
{
    static abstract TOut Apply(TLeft left, TRight right);
}

/// <summary>A function of two values that never throws and also works on vectors.</summary>
internal interface IArithmetic<T>
{
    static abstract T Apply(T left, T right);

    static abstract Vector256<T> Apply(Vector256<T> left, Vector256<T> right);
}

/// <summary>A comparison, on values and on vectors (all bits set where it holds).</summary>
internal interface IComparison<T>
{
    static abstract bool Apply(T left, T right);

    static abstract Vector256<T> Apply(Vector256<T> left, Vector256<T> right);
}

internal readonly struct Add<T> : IArithmetic<T>
    where T : IAdditionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left + right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left + right;
}

internal readonly struct Subtract<T> : IArithmetic<T>
    where T : ISubtractionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left - right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left - right;
}

internal readonly struct Multiply<T> : IArithmetic<T>
    where T : IMultiplyOperators<T, T, T>
{
    public static T Apply(T left, T right) => left * right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left * right;
}

/// <summary>Of floating-point numbers: never throws.</summary>
internal readonly struct Quotient<T> : IArithmetic<T>
    where T : IDivisionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left / right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left / right;
}

internal readonly struct BitAnd<T> : IArithmetic<T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T left, T right) => left & right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left & right;
}

internal readonly struct BitOr<T> : IArithmetic<T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T left, T right) => left | right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left | right;
}

internal readonly struct BitXor<T> : IArithmetic<T>
    where T : IBitwiseOperators<T, T, T>
{
    public static T Apply(T left, T right) => left ^ right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => left ^ right;
}

internal readonly struct EqualTo<T> : IComparison<T>
    where T : IEqualityOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left == right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.Equals(left, right);
}

internal readonly struct UnequalTo<T> : IComparison<T>
    where T : IEqualityOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left != right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => ~Vector256.Equals(left, right);
}

internal readonly struct Less<T> : IComparison<T>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left < right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.LessThan(left, right);
}

internal readonly struct LessOrEqual<T> : IComparison<T>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left <= right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.LessThanOrEqual(left, right);
}

internal readonly struct Greater<T> : IComparison<T>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left > right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.GreaterThan(left, right);
}

internal readonly struct GreaterOrEqual<T> : IComparison<T>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left >= right;

    public static Vector256<T> Apply(Vector256<T> left, Vector256<T> right) => Vector256.GreaterThanOrEqual(left, right);
}
