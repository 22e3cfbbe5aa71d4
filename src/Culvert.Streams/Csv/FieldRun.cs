using System.Runtime.CompilerServices;

namespace Culvert.Streams;

/// <summary>A field that could not be read, by its row in the run.</summary>
internal readonly record struct FieldFault(int Row, int Column, RowFlaw Flaw, int Start, int Length);

/// <summary>
/// One field of consecutive good rows: it lies, for row i, between the delimiters at <see cref="First"/> + i ×
/// <see cref="Stride"/> and the one behind.
/// </summary>
internal struct FieldRun
{
    public byte[] Data;
    public int[] Positions;

    /// <summary>Index of the delimiter in front of the first row's field.</summary>
    public int First;

    /// <summary>Delimiters to a row.</summary>
    public int Stride;

    public int Rows;

    /// <summary>The field is its row's last, so that a CR at its end belongs to the line end.</summary>
    public bool IsLast;

    /// <summary>The quote where the rows have any, else -1.</summary>
    public int Quote;

    public int Column;
    public List<FieldFault> Faults;

    /// <summary>Where the field of a row starts and how long it is, quotes included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int Locate(ref int delimiter, out int length)
    {
        int start = delimiter + 1;
        int end = Unsafe.Add(ref delimiter, 1);
        if (IsLast && end > start && Data[end - 1] == (byte)'\r')
        {
            end--;
        }

        length = end - start;
        return start;
    }

    /// <summary>A field without its quotes; doubled quotes are halved in <paramref name="scratch"/>, which grows.</summary>
    public readonly ReadOnlySpan<byte> Content(int start, int length, ref byte[] scratch, out bool quoted)
    {
        ReadOnlySpan<byte> field = Data.AsSpan(start, length);
        quoted = Quote >= 0 && length >= 2 && field[0] == (byte)Quote;
        return quoted ? Unquote(field[1..^1], (byte)Quote, ref scratch) : field;
    }

    public readonly void Fail(int row, RowFlaw flaw, int start, int length) =>
        Faults.Add(new FieldFault(row, Column, flaw, start, length));

    private static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> inner, byte quote, ref byte[] scratch)
    {
        int at = inner.IndexOf(quote);
        if (at < 0)
        {
            return inner;
        }

        if (scratch.Length < inner.Length)
        {
            scratch = new byte[Math.Max(inner.Length, 2 * scratch.Length)];
        }

        int length = 0;
        while (at >= 0)
        {
            inner[..(at + 1)].CopyTo(scratch.AsSpan(length));
            length += at + 1;
            inner = inner[Math.Min(at + 2, inner.Length)..];
            at = inner.IndexOf(quote);
        }

        inner.CopyTo(scratch.AsSpan(length));
        return scratch.AsSpan(0, length + inner.Length);
    }
}
