using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Gathers texts by number, and encodes them so, or laid out where that is shorter.</summary>
internal sealed class TextGatherer(ColumnType type, int rowsMax) : ColumnGatherer(type, rowsMax)
{
    /// <summary>Distinct bytes gathered in a group: what a reader has to hold besides codes.</summary>
    private const int DistinctBytesAim = 32 << 20;

    private const int MissingRow = -1;

    private readonly int[] _codes = new int[rowsMax];
    private TextDictionary _dictionary = new(type, ColumnPool.Shared);
    private long _distinctBytes;
    private TextColumn? _mapped;
    private int[] _map = [];

    internal override int RowsThatFit(Column column, int start, int count)
    {
        if (column is DictionaryColumn byNumber && _distinctBytes + byNumber.Dictionary.Data.Length <= DistinctBytesAim)
        {
            return count;
        }

        BytesColumn texts = (BytesColumn)column;
        long bytes = _distinctBytes;
        for (int row = 0; row < count; row++)
        {
            bytes += texts.GetBytes(start + row).Length;
            if (bytes > DistinctBytesAim)
            {
                return row;
            }
        }

        return count;
    }

    internal override EncodedColumn Encode()
    {
        TextColumn entries = _dictionary.Column();
        try
        {
            (long laidOut, int lengthWidth, int dataBytes) = MeasureLaidOut(entries);
            int[] order = Enumerable.Range(0, entries.Count).ToArray();
            int entryWidth = Narrowing.WidthFor((ulong)order.Max(e => entries.GetBytes(e).Length));
            int codeWidth = Narrowing.WidthFor((ulong)(entries.Count - 1));
            long byNumber = ((long)codeWidth * Rows) + ((long)entryWidth * entries.Count) + entries.Data.Length;
            return byNumber <= laidOut
                ? EncodeByNumber(entries, order, codeWidth, entryWidth)
                : EncodeLaidOut(entries, lengthWidth, dataBytes);
        }
        finally
        {
            entries.Dispose();
        }
    }

    internal override void Clear()
    {
        base.Clear();
        _dictionary.Dispose();
        _dictionary = new TextDictionary(Type, ColumnPool.Shared);
        _distinctBytes = 0;
        _mapped?.Dispose();
        _mapped = null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _dictionary.Dispose();
        _mapped?.Dispose();
        _mapped = null;
    }

    protected override void AppendValues(Column column, int start, int count)
    {
        Span<int> codes = _codes.AsSpan(Rows, count);
        if (column is DictionaryColumn byNumber)
        {
            Remap(byNumber, start, codes);
            return;
        }

        BytesColumn texts = (BytesColumn)column;
        for (int row = 0; row < count; row++)
        {
            codes[row] = texts.IsNull(start + row) ? MissingRow : Number(texts.GetBytes(start + row));
        }
    }

    private void Remap(DictionaryColumn column, int start, Span<int> codes)
    {
        if (!ReferenceEquals(_mapped, column.Dictionary))
        {
            _mapped?.Dispose();
            _mapped = (TextColumn)column.Dictionary.Retain();
            _map = _map.Length < _mapped.Count ? new int[_mapped.Count] : _map;
            _map.AsSpan(0, _mapped.Count).Fill(MissingRow);
        }

        ReadOnlySpan<int> theirs = column.Codes.Slice(start, codes.Length);
        for (int row = 0; row < codes.Length; row++)
        {
            int code = _map[theirs[row]];
            if (column.IsNull(start + row))
            {
                code = MissingRow;
            }
            else if (code == MissingRow)
            {
                code = _map[theirs[row]] = Number(_mapped!.GetBytes(theirs[row]));
            }

            codes[row] = code;
        }
    }

    private int Number(ReadOnlySpan<byte> text)
    {
        int before = _dictionary.Count;
        int code = _dictionary.CodeByHash(text);
        _distinctBytes += _dictionary.Count > before ? text.Length : 0;
        return code;
    }

    private (long Bytes, int LengthWidth, int DataBytes) MeasureLaidOut(TextColumn entries)
    {
        ReadOnlySpan<int> offsets = entries.Offsets;
        long data = 0;
        int longest = 0;
        foreach (int code in _codes.AsSpan(0, Rows))
        {
            if (code != MissingRow)
            {
                int length = offsets[code + 1] - offsets[code];
                data += length;
                longest = Math.Max(longest, length);
            }
        }

        int width = Narrowing.WidthFor((ulong)longest);
        return data > int.MaxValue ? (long.MaxValue, width, 0) : (((long)width * Rows) + data, width, (int)data);
    }

    private EncodedColumn EncodeByNumber(TextColumn entries, int[] order, int codeWidth, int lengthWidth)
    {
        Array.Sort(order, (a, b) => entries.GetBytes(a).SequenceCompareTo(entries.GetBytes(b)));
        int[] places = new int[order.Length];
        for (int place = 0; place < order.Length; place++)
        {
            places[order[place]] = place;
        }

        int dataBytes = entries.Data.Length;
        Span<byte> output = Output((codeWidth * Rows) + (lengthWidth * order.Length) + dataBytes);
        Span<int> codes = _codes.AsSpan(0, Rows);
        int[] sorted = new int[Rows];
        for (int row = 0; row < sorted.Length; row++)
        {
            sorted[row] = codes[row] == MissingRow ? 0 : places[codes[row]];
        }

        WriteNumbers(sorted, codeWidth, output);
        output = output[(codeWidth * Rows)..];
        WriteNumbers([.. order.Select(e => entries.GetBytes(e).Length)], lengthWidth, output);
        output = output[(lengthWidth * order.Length)..];
        foreach (int entry in order)
        {
            entries.GetBytes(entry).CopyTo(output);
            output = output[entries.GetBytes(entry).Length..];
        }

        return Encoded(new ColumnEncoding(ColumnForm.ByNumber, SomeMissing, codeWidth, 0, order.Length, lengthWidth, dataBytes));
    }

    private EncodedColumn EncodeLaidOut(TextColumn entries, int lengthWidth, int dataBytes)
    {
        Span<byte> output = Output((lengthWidth * Rows) + dataBytes);
        int[] lengths = new int[Rows];
        Span<byte> data = output[(lengthWidth * Rows)..];
        for (int row = 0; row < lengths.Length; row++)
        {
            if (_codes[row] != MissingRow)
            {
                ReadOnlySpan<byte> text = entries.GetBytes(_codes[row]);
                text.CopyTo(data);
                data = data[text.Length..];
                lengths[row] = text.Length;
            }
        }

        WriteNumbers(lengths, lengthWidth, output);
        return Encoded(new ColumnEncoding(ColumnForm.LaidOut, SomeMissing, lengthWidth, DataBytes: dataBytes));
    }

    private static void WriteNumbers(ReadOnlySpan<int> numbers, int width, Span<byte> output)
    {
        if (width == sizeof(int))
        {
            MemoryMarshal.AsBytes(numbers).CopyTo(output);
        }
        else
        {
            Narrowing.Write(numbers, default, 0, width, output[..(width * numbers.Length)]);
        }
    }
}
