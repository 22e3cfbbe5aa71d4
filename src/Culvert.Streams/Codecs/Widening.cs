using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Streams;

/// <summary>Narrow numbers back to full width, with a base added: 32 bytes of input at a time. The loops are compiled at full speed at once: a short job is over before they would be.</summary>
internal static class Widening
{
    /// <summary>Bytes that one step reads.</summary>
    private const int Step = 32;

    /// <summary>Widens numbers of 1, 2 or 4 bytes to numbers of 2, 4 or 8, wrapping around.</summary>
    /// <param name="source">The narrow numbers.</param>
    /// <param name="width">Their size; 0 fills the output with the base.</param>
    /// <param name="output">Where they go, as bytes; as long as there are numbers.</param>
    /// <param name="size">The size of a number there, greater than <paramref name="width"/>.</param>
    /// <param name="addend">What is added to each.</param>
    internal static void Widen(ReadOnlySpan<byte> source, int width, Span<byte> output, int size, ulong addend)
    {
        switch (width, size)
        {
            case (0, 1):
                output.Fill((byte)addend);
                break;
            case (0, 2):
                MemoryMarshal.Cast<byte, ushort>(output).Fill((ushort)addend);
                break;
            case (0, 4):
                MemoryMarshal.Cast<byte, uint>(output).Fill((uint)addend);
                break;
            case (0, 8):
                MemoryMarshal.Cast<byte, ulong>(output).Fill(addend);
                break;
            case (1, 2):
                BytesTo16(source, MemoryMarshal.Cast<byte, ushort>(output), (ushort)addend);
                break;
            case (1, 4):
                BytesTo32(source, MemoryMarshal.Cast<byte, uint>(output), (uint)addend);
                break;
            case (1, 8):
                BytesTo64(source, MemoryMarshal.Cast<byte, ulong>(output), addend);
                break;
            case (2, 4):
                ShortsTo32(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, uint>(output), (uint)addend);
                break;
            case (2, 8):
                ShortsTo64(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, ulong>(output), addend);
                break;
            case (4, 8):
                IntsTo64(MemoryMarshal.Cast<byte, uint>(source), MemoryMarshal.Cast<byte, ulong>(output), addend);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(width), $"{width} bytes are not widened to {size}");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BytesTo16(ReadOnlySpan<byte> source, Span<ushort> output, ushort addend)
    {
        Vector256<ushort> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - Step; i += Step)
        {
            (Vector256<ushort> a, Vector256<ushort> b) = Vector256.Widen(Vector256.Create(source.Slice(i, Step)));
            (a + add).CopyTo(output[i..]);
            (b + add).CopyTo(output[(i + 16)..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked((ushort)(source[i] + addend));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BytesTo32(ReadOnlySpan<byte> source, Span<uint> output, uint addend)
    {
        Vector256<uint> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - Step; i += Step)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(source.Slice(i, Step)));
            Store(low, add, output[i..]);
            Store(high, add, output[(i + 16)..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked(source[i] + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BytesTo64(ReadOnlySpan<byte> source, Span<ulong> output, ulong addend)
    {
        Vector256<ulong> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - Step; i += Step)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(source.Slice(i, Step)));
            Store(low, add, output[i..]);
            Store(high, add, output[(i + 16)..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked(source[i] + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ShortsTo32(ReadOnlySpan<ushort> source, Span<uint> output, uint addend)
    {
        Vector256<uint> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - (Step / 2); i += Step / 2)
        {
            Store(Vector256.Create(source.Slice(i, Step / 2)), add, output[i..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked(source[i] + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ShortsTo64(ReadOnlySpan<ushort> source, Span<ulong> output, ulong addend)
    {
        Vector256<ulong> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - (Step / 2); i += Step / 2)
        {
            Store(Vector256.Create(source.Slice(i, Step / 2)), add, output[i..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked(source[i] + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void IntsTo64(ReadOnlySpan<uint> source, Span<ulong> output, ulong addend)
    {
        Vector256<ulong> add = Vector256.Create(addend);
        int i = 0;
        for (; i <= source.Length - (Step / 4); i += Step / 4)
        {
            Store(Vector256.Create(source.Slice(i, Step / 4)), add, output[i..]);
        }

        for (; i < source.Length; i++)
        {
            output[i] = unchecked(source[i] + addend);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> values, Vector256<uint> add, Span<uint> output)
    {
        (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(values);
        (a + add).CopyTo(output);
        (b + add).CopyTo(output[8..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<ushort> values, Vector256<ulong> add, Span<ulong> output)
    {
        (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(values);
        Store(a, add, output);
        Store(b, add, output[8..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint> values, Vector256<ulong> add, Span<ulong> output)
    {
        (Vector256<ulong> a, Vector256<ulong> b) = Vector256.Widen(values);
        (a + add).CopyTo(output);
        (b + add).CopyTo(output[4..]);
    }
}
