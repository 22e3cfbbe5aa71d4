using System.Numerics;
using System.Runtime.CompilerServices;

namespace Culvert.Streams;

/// <summary>Bits in words of 64, lowest first: bit i of a validity bitmap is set when row i has a value.</summary>
public static class Bitmap
{
    /// <summary>Words that hold <paramref name="bits"/> bits.</summary>
    public static int WordCount(int bits) => (bits + 63) >> 6;

    /// <summary>Whether bit <paramref name="index"/> is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Get(ReadOnlySpan<ulong> words, int index) => (words[index >> 6] >> (index & 63) & 1) != 0;

    /// <summary>Sets bit <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(Span<ulong> words, int index) => words[index >> 6] |= 1UL << (index & 63);

    /// <summary>Clears bit <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(Span<ulong> words, int index) => words[index >> 6] &= ~(1UL << (index & 63));

    /// <summary>Sets the first <paramref name="bits"/> bits and clears the rest of the last word.</summary>
    public static void SetAll(Span<ulong> words, int bits)
    {
        words[..WordCount(bits)].Fill(ulong.MaxValue);
        if ((bits & 63) != 0)
        {
            words[bits >> 6] = (1UL << (bits & 63)) - 1;
        }
    }

    /// <summary>How many of the first <paramref name="bits"/> bits are set; the last word's unused bits are zero.</summary>
    public static int CountSet(ReadOnlySpan<ulong> words, int bits)
    {
        int count = 0;
        foreach (ulong word in words[..WordCount(bits)])
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
