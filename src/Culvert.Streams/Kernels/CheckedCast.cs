using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Culvert.Streams.Kernels;

/// <summary>C#'s checked conversion between numbers: throws where the value does not fit. One branch is left of it once the types are known.</summary>
internal readonly struct CheckedCast<TFrom, TTo> : IMap<TFrom, TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTo Apply(TFrom value) =>
        typeof(TFrom) == typeof(sbyte) ? Signed(Unsafe.As<TFrom, sbyte>(ref value))
        : typeof(TFrom) == typeof(short) ? Signed(Unsafe.As<TFrom, short>(ref value))
        : typeof(TFrom) == typeof(int) ? Signed(Unsafe.As<TFrom, int>(ref value))
        : typeof(TFrom) == typeof(long) ? Signed(Unsafe.As<TFrom, long>(ref value))
        : typeof(TFrom) == typeof(byte) ? Unsigned(Unsafe.As<TFrom, byte>(ref value))
        : typeof(TFrom) == typeof(ushort) ? Unsigned(Unsafe.As<TFrom, ushort>(ref value))
        : typeof(TFrom) == typeof(uint) ? Unsigned(Unsafe.As<TFrom, uint>(ref value))
        : typeof(TFrom) == typeof(ulong) ? Unsigned(Unsafe.As<TFrom, ulong>(ref value))
        : typeof(TFrom) == typeof(float) ? Floating(Unsafe.As<TFrom, float>(ref value))
        : typeof(TFrom) == typeof(double) ? Floating(Unsafe.As<TFrom, double>(ref value))
        : typeof(TFrom) == typeof(decimal) ? Decimal(Unsafe.As<TFrom, decimal>(ref value))
        : throw new UnreachableException();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo Signed(long value)
    {
        if (typeof(TTo) == typeof(sbyte))
        {
            return As<sbyte>(checked((sbyte)value));
        }

        if (typeof(TTo) == typeof(byte))
        {
            return As<byte>(checked((byte)value));
        }

        if (typeof(TTo) == typeof(short))
        {
            return As<short>(checked((short)value));
        }

        if (typeof(TTo) == typeof(ushort))
        {
            return As<ushort>(checked((ushort)value));
        }

        if (typeof(TTo) == typeof(int))
        {
            return As<int>(checked((int)value));
        }

        if (typeof(TTo) == typeof(uint))
        {
            return As<uint>(checked((uint)value));
        }

        if (typeof(TTo) == typeof(long))
        {
            return As<long>(value);
        }

        if (typeof(TTo) == typeof(ulong))
        {
            return As<ulong>(checked((ulong)value));
        }

        if (typeof(TTo) == typeof(float))
        {
            return As<float>((float)value);
        }

        if (typeof(TTo) == typeof(double))
        {
            return As<double>((double)value);
        }

        if (typeof(TTo) == typeof(decimal))
        {
            return As<decimal>((decimal)value);
        }

        throw new UnreachableException();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo Unsigned(ulong value)
    {
        if (typeof(TTo) == typeof(sbyte))
        {
            return As<sbyte>(checked((sbyte)value));
        }

        if (typeof(TTo) == typeof(byte))
        {
            return As<byte>(checked((byte)value));
        }

        if (typeof(TTo) == typeof(short))
        {
            return As<short>(checked((short)value));
        }

        if (typeof(TTo) == typeof(ushort))
        {
            return As<ushort>(checked((ushort)value));
        }

        if (typeof(TTo) == typeof(int))
        {
            return As<int>(checked((int)value));
        }

        if (typeof(TTo) == typeof(uint))
        {
            return As<uint>(checked((uint)value));
        }

        if (typeof(TTo) == typeof(long))
        {
            return As<long>(checked((long)value));
        }

        if (typeof(TTo) == typeof(ulong))
        {
            return As<ulong>(value);
        }

        if (typeof(TTo) == typeof(float))
        {
            return As<float>((float)value);
        }

        if (typeof(TTo) == typeof(double))
        {
            return As<double>((double)value);
        }

        if (typeof(TTo) == typeof(decimal))
        {
            return As<decimal>((decimal)value);
        }

        throw new UnreachableException();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo Floating(double value)
    {
        if (typeof(TTo) == typeof(sbyte))
        {
            return As<sbyte>(checked((sbyte)value));
        }

        if (typeof(TTo) == typeof(byte))
        {
            return As<byte>(checked((byte)value));
        }

        if (typeof(TTo) == typeof(short))
        {
            return As<short>(checked((short)value));
        }

        if (typeof(TTo) == typeof(ushort))
        {
            return As<ushort>(checked((ushort)value));
        }

        if (typeof(TTo) == typeof(int))
        {
            return As<int>(checked((int)value));
        }

        if (typeof(TTo) == typeof(uint))
        {
            return As<uint>(checked((uint)value));
        }

        if (typeof(TTo) == typeof(long))
        {
            return As<long>(checked((long)value));
        }

        if (typeof(TTo) == typeof(ulong))
        {
            return As<ulong>(checked((ulong)value));
        }

        if (typeof(TTo) == typeof(float))
        {
            return As<float>((float)value);
        }

        if (typeof(TTo) == typeof(double))
        {
            return As<double>(value);
        }

        if (typeof(TTo) == typeof(decimal))
        {
            return As<decimal>((decimal)value);
        }

        throw new UnreachableException();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo Decimal(decimal value)
    {
        if (typeof(TTo) == typeof(sbyte))
        {
            return As<sbyte>(checked((sbyte)value));
        }

        if (typeof(TTo) == typeof(byte))
        {
            return As<byte>(checked((byte)value));
        }

        if (typeof(TTo) == typeof(short))
        {
            return As<short>(checked((short)value));
        }

        if (typeof(TTo) == typeof(ushort))
        {
            return As<ushort>(checked((ushort)value));
        }

        if (typeof(TTo) == typeof(int))
        {
            return As<int>(checked((int)value));
        }

        if (typeof(TTo) == typeof(uint))
        {
            return As<uint>(checked((uint)value));
        }

        if (typeof(TTo) == typeof(long))
        {
            return As<long>(checked((long)value));
        }

        if (typeof(TTo) == typeof(ulong))
        {
            return As<ulong>(checked((ulong)value));
        }

        if (typeof(TTo) == typeof(float))
        {
            return As<float>((float)value);
        }

        if (typeof(TTo) == typeof(double))
        {
            return As<double>((double)value);
        }

        if (typeof(TTo) == typeof(decimal))
        {
            return As<decimal>(value);
        }

        throw new UnreachableException();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TTo As<T>(T value)
        where T : unmanaged => Unsafe.As<T, TTo>(ref value);
}
