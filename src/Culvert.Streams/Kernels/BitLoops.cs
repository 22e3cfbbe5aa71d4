using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Streams.Kernels;

/// <summary>Loops over bitmaps: booleans to bits and back, bits to row numbers.</summary>
internal static class BitLoops
{
    /// <summary>For each byte, the places of its set bits, lowest first, a byte each.</summary>
    private static readonly ulong[] PlacesOfBits = MakePlaces();

    internal static void Gather(ReadOnlySpan<ulong> source, ReadOnlySpan<int> rows, Span<ulong> words)
    {
        for (int start = 0; start < rows.Length; start += 64)
        {
            ulong bits = 0;
            int length = Math.Min(64, rows.Length - start);
            for (int i = 0; i < length; i++)
            {
                int row = rows[start + i];
                bits |= (source[row >> 6] >> (row & 63) & 1) << i;
            }

            words[start >> 6] = bits;
        }
    }

    internal static void FromBools(ReadOnlySpan<bool> values, Span<ulong> words)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        int full = bytes.Length & ~63;
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        for (int i = 0; i < full; i += 64)
        {
            uint low = ~Vector256.Equals(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256<byte>.Zero).ExtractMostSignificantBits();
            uint high = ~Vector256.Equals(Vector256.LoadUnsafe(ref first, (nuint)i + 32), Vector256<byte>.Zero).ExtractMostSignificantBits();
            words[i >> 6] = low | ((ulong)high << 32);
        }

        if (full < bytes.Length)
        {
            ulong bits = 0;
            for (int i = full; i < bytes.Length; i++)
            {
                bits |= (bytes[i] != 0 ? 1UL : 0) << (i - full);
            }

            words[full >> 6] = bits;
        }
    }

    internal static void ToBools(ReadOnlySpan<ulong> words, Span<bool> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (words[i >> 6] >> (i & 63) & 1) != 0;
        }
    }

    /// <summary>
    /// Writes the numbers of the set bits, ascending, and tells how many there are. <paramref name="rows"/> holds at least
    /// <paramref name="count"/> numbers; what lies behind the result is garbage.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int ToRows(ReadOnlySpan<ulong> words, int count, Span<int> rows)
    {
        ref int destination = ref MemoryMarshal.GetReference(rows);
        ref ulong places = ref MemoryMarshal.GetArrayDataReference(PlacesOfBits);
        int found = 0;
        for (int w = 0; w < Bitmap.WordCount(count); w++)
        {
            ulong bits = words[w];
            int left = count - (w << 6);
            bits = left < 64 ? bits & ((1UL << left) - 1) : bits;
            if (bits == 0)
            {
                continue;
            }

            // Eight bits at a time write eight numbers, of which those that count come first. The last 64 rows could
            // run over the end of the span by that, so they go one at a time.
            if (left < 128)
            {
                for (; bits != 0; bits &= bits - 1)
                {
                    rows[found++] = (w << 6) + BitOperations.TrailingZeroCount(bits);
                }

                continue;
            }

            for (int row = w << 6; bits != 0; row += 8, bits >>= 8)
            {
                ulong packed = Unsafe.Add(ref places, (nint)(bits & 0xFF));
                Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalar(packed).AsByte());
                (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(wide);
                Vector128<int> start = Vector128.Create(row);
                (low.AsInt32() + start).StoreUnsafe(ref destination, (nuint)found);
                (high.AsInt32() + start).StoreUnsafe(ref destination, (nuint)found + 4);
                found += BitOperations.PopCount(bits & 0xFF);
            }
        }

        return found;
    }

    /// <summary>Rows that are set in both; an empty span stands for all rows. Null when that is all rows.</summary>
    internal static ulong[]? And(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, int count, ColumnPool pool)
    {
        if (left.IsEmpty && right.IsEmpty)
        {
            return null;
        }

        int length = Bitmap.WordCount(count);
        ulong[] words = pool.Rent<ulong>(length);
        if (left.IsEmpty || right.IsEmpty)
        {
            (left.IsEmpty ? right : left)[..length].CopyTo(words);
            return words;
        }

        for (int i = 0; i < length; i++)
        {
            words[i] = left[i] & right[i];
        }

        return words;
    }

    /// <summary>All bits of the first <paramref name="count"/> rows of word <paramref name="index"/>.</summary>
    internal static ulong Full(int index, int count) => count - (index << 6) is var left && left >= 64 ? ulong.MaxValue : (1UL << left) - 1;

    private static ulong[] MakePlaces()
    {
        ulong[] table = new ulong[256];
        for (int b = 0; b < 256; b++)
        {
            int at = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                if ((b >> bit & 1) != 0)
                {
                    table[b] |= (ulong)bit << (8 * at++);
                }
            }
        }

        return table;
    }
}
