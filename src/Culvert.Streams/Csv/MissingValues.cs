using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Culvert.Streams;

/// <summary>The fields that mean "no value".</summary>
internal sealed class MissingValues
{
    /// <summary>Longest value that is compared as one word, which must tell it from a shorter one.</summary>
    private const int WordBytesMax = 7;

    private readonly byte[][] _values;
    private readonly ulong[] _words;
    private readonly bool _empty;

    public MissingValues(ImmutableArray<string> values)
    {
        _values = [.. values.Select(Encoding.UTF8.GetBytes)];
        _empty = _values.Any(v => v.Length == 0);
        _words = [.. _values.Where(v => v.Length is >= 1 and <= WordBytesMax && !v.Contains((byte)0)).Select(Word)];
    }

    public ReadOnlySpan<byte[]> Values => _values;

    /// <summary>Whether one of the values may be a number, so that numbers have to be compared too.</summary>
    public bool HasNumbers => _values.Any(v => v.Length > 0 && char.IsAsciiDigit((char)v[^1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ReadOnlySpan<byte> field)
    {
        foreach (byte[] value in _values)
        {
            if (field.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the first <paramref name="length"/> bytes of a word are one of the values that fit a word; a field without NUL.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ContainsWord(ulong word, int length)
    {
        if ((uint)(length - 1) >= WordBytesMax)
        {
            return length == 0 && _empty;
        }

        int unused = 64 - (length * 8);
        word = word << unused >> unused;
        foreach (ulong value in _words)
        {
            if (value == word)
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Word(byte[] value)
    {
        Span<byte> word = stackalloc byte[8];
        word.Clear();
        value.CopyTo(word);
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }
}
