using System.Numerics;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Whole numbers at the least width that holds them.</summary>
internal static class Narrowing
{
    /// <summary>Bytes that hold every number up to <paramref name="greatest"/>: 0, 1, 2, 4 or 8.</summary>
    internal static int WidthFor(ulong greatest) => greatest switch
    {
        0 => 0,
        <= byte.MaxValue => 1,
        <= ushort.MaxValue => 2,
        <= uint.MaxValue => 4,
        _ => 8,
    };

    /// <summary>The least and the greatest of the values that are there; both 0 when none is.</summary>
    internal static (T Least, T Greatest) Range<T>(ReadOnlySpan<T> values, ReadOnlySpan<ulong> validity)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (values.IsEmpty)
        {
            return (T.Zero, T.Zero);
        }

        return validity.IsEmpty ? RangeOfAll(values) : RangeOfValid(values, validity);
    }

    /// <summary>Writes each value less <paramref name="least"/> at <paramref name="width"/> bytes; a missing one as 0.</summary>
    internal static void Write<T>(ReadOnlySpan<T> values, ReadOnlySpan<ulong> validity, T least, int width, Span<byte> output)
        where T : unmanaged, IBinaryInteger<T>
    {
        switch (width)
        {
            case 1:
                Write(values, least, output);
                ClearMissing(output, validity, values.Length);
                break;
            case 2:
                Write(values, least, MemoryMarshal.Cast<byte, ushort>(output));
                ClearMissing(MemoryMarshal.Cast<byte, ushort>(output), validity, values.Length);
                break;
            case 4:
                Write(values, least, MemoryMarshal.Cast<byte, uint>(output));
                ClearMissing(MemoryMarshal.Cast<byte, uint>(output), validity, values.Length);
                break;
            default:
                Invariant.Holds(width == 0);
                break;
        }
    }

    /// <summary>Makes default what has no value.</summary>
    internal static void ClearMissing<T>(Span<T> values, ReadOnlySpan<ulong> validity, int rows)
        where T : unmanaged
    {
        for (int w = 0; w < validity.Length; w++)
        {
            for (ulong missing = MissingBits(validity, w, rows); missing != 0; missing &= missing - 1)
            {
                values[(w << 6) + BitOperations.TrailingZeroCount(missing)] = default;
            }
        }
    }

    /// <summary>The rows of a word of the bitmap that have no value.</summary>
    internal static ulong MissingBits(ReadOnlySpan<ulong> validity, int word, int rows)
    {
        int left = rows - (word << 6);
        ulong missing = ~validity[word];
        return left < 64 ? missing & ((1UL << left) - 1) : missing;
    }

    private static void Write<T, TNarrow>(ReadOnlySpan<T> values, T least, Span<TNarrow> output)
        where T : unmanaged, IBinaryInteger<T>
        where TNarrow : unmanaged, IBinaryInteger<TNarrow>
    {
        output = output[..values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            output[i] = TNarrow.CreateTruncating(unchecked(values[i] - least));
        }
    }

    private static (T Least, T Greatest) RangeOfAll<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        (T least, T greatest) = (values[0], values[0]);
        int i = 0;
        if (values.Length >= Vector<T>.Count)
        {
            Vector<T> leasts = new(values);
            Vector<T> greatests = leasts;
            for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                Vector<T> some = new(values[i..]);
                leasts = Vector.Min(leasts, some);
                greatests = Vector.Max(greatests, some);
            }

            for (int lane = 0; lane < Vector<T>.Count; lane++)
            {
                least = T.Min(least, leasts[lane]);
                greatest = T.Max(greatest, greatests[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            least = T.Min(least, values[i]);
            greatest = T.Max(greatest, values[i]);
        }

        return (least, greatest);
    }

    private static (T Least, T Greatest) RangeOfValid<T>(ReadOnlySpan<T> values, ReadOnlySpan<ulong> validity)
        where T : unmanaged, IBinaryInteger<T>
    {
        bool any = false;
        (T least, T greatest) = (T.Zero, T.Zero);
        for (int row = 0; row < values.Length; row++)
        {
            if (!Bitmap.Get(validity, row))
            {
                continue;
            }

            T value = values[row];
            least = any ? T.Min(least, value) : value;
            greatest = any ? T.Max(greatest, value) : value;
            any = true;
        }

        return (least, greatest);
    }
}
