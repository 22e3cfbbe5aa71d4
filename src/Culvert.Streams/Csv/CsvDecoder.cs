using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Culvert.Streams;

/// <summary>
/// Turns bytes of CSV into batches of the wanted columns: finds the delimiters of some KiB, checks that every row has the
/// right number of them, and parses column by column. Holds the dictionaries of its text columns, so it serves one
/// partition. Not thread safe.
/// </summary>
public sealed class CsvDecoder : IDisposable
{
    /// <summary>Bytes that must follow the data in the buffer given to <see cref="Decode"/>; it writes them.</summary>
    public const int PaddingBytes = 2 * DelimiterScanner.Slack;

    /// <summary>Rows of a batch at most: a few columns of that many stay in a core's cache.</summary>
    public const int BatchRowsMax = 32_768;

    /// <summary>Bytes scanned at a time: these and the delimiters found in them stay in a core's nearest cache.</summary>
    private const int WindowBytes = 16 << 10;

    private readonly Schema _schema;
    private readonly ColumnPool _pool;
    private readonly ScanWidth _width;
    private readonly byte _separator;
    private readonly int _quote;
    private readonly bool _stopAtMalformed;
    private readonly int _rowBytesMax;
    private readonly bool _lines;
    private readonly FieldBuilder[] _builders;
    private readonly List<FieldFault> _faults = [];
    private readonly List<FlawedRow> _flawed = [];
    private readonly List<int> _removed = [];
    private CsvLayout _layout;
    private int[] _positions = new int[WindowBytes + 1 + DelimiterScanner.Slack];
    private int _batchRows;
    private long[]? _rowOffsets;

    /// <summary>
    /// Makes a decoder for the columns of <paramref name="schema"/>; <paramref name="width"/> is the widest that the machine
    /// has unless a test says otherwise. Throws <see cref="ArgumentException"/> for options that are out of range.
    /// </summary>
    public CsvDecoder(CsvOptions options, Schema schema, ColumnPool? pool = null, ScanWidth? width = null)
    {
        options.Validate();
        _schema = schema;
        _pool = pool ?? ColumnPool.Shared;
        _width = width ?? DelimiterScanner.BestWidth;
        _separator = (byte)options.Separator;
        _quote = options.Quote ?? -1;
        _stopAtMalformed = options.Malformed == MalformedRowPolicy.Fail;
        _rowBytesMax = options.RowBytesMax;
        _lines = options.IsLines;
        MissingValues missing = new(options.Missing);
        MissingValues missingText = options.MissingText is { } text ? new MissingValues(text) : missing;
        ImmutableArray<Field> fields = schema.Fields;
        _builders = [.. fields.Select(f => FieldBuilder.Create(f.Type, f.Type.IsBytes ? missingText : missing, _pool, BatchRowsMax))];
        _layout = new CsvLayout(Math.Max(1, fields.Length), [.. Enumerable.Range(0, fields.Length)]);
    }

    /// <summary>Where the wanted columns stand in what is decoded next.</summary>
    public CsvLayout Layout
    {
        get => _layout;
        set
        {
            Invariant.Holds(value.Ordinals.Count == _schema.Count && _batchRows == 0);
            _layout = value;
        }
    }

    /// <summary>
    /// Decodes the rows that start in <paramref name="buffer"/> from <paramref name="start"/> (where a row starts) to before
    /// <paramref name="stop"/>, and returns where the first row starts that was not decoded: at or behind
    /// <paramref name="stop"/>, or where a row is not complete yet. The data ends at <paramref name="end"/>, behind which the
    /// buffer has <see cref="PaddingBytes"/> more; with <paramref name="final"/> that is the end of the file, and a last line
    /// needs no line end. <paramref name="offset"/> is the place of the buffer's first byte in the file. Rows wait in an
    /// unfinished batch until it is full or <see cref="Flush"/> is called. Under the policy "fail" it stops behind the first
    /// window that has a malformed row.
    /// </summary>
    public int Decode(byte[] buffer, int start, int stop, int end, bool final, long offset, CsvDecoded decoded)
    {
        Invariant.Holds(start >= 0 && start <= end && end + PaddingBytes <= buffer.Length);
        buffer.AsSpan(end, PaddingBytes).Fill((byte)' ');
        int scanEnd = end;
        if (final && end > start && buffer[end - 1] != (byte)'\n')
        {
            buffer[scanEnd++] = (byte)'\n';
        }

        int row = start;
        while (row < stop && row < scanEnd && !(_stopAtMalformed && decoded.MalformedCount > 0) && decoded.RowTooLong < 0)
        {
            int next = DecodeWindow(buffer, row, stop, scanEnd, offset, decoded);
            if (next == row)
            {
                if (final && decoded.RowTooLong < 0)
                {
                    AddMalformed(decoded, buffer, row, scanEnd, offset, RowFlaw.OpenQuote, -1, 0);
                    next = end;
                }
                else
                {
                    break;
                }
            }

            row = next;
        }

        return Math.Min(row, end);
    }

    /// <summary>Finishes the batch at hand, if it has rows.</summary>
    public void Flush(CsvDecoded decoded)
    {
        if (_batchRows > 0)
        {
            FinishBatch(decoded);
        }
    }

    /// <summary>Forgets the batch at hand.</summary>
    public void Discard()
    {
        for (int c = 0; c < _builders.Length && _batchRows > 0; c++)
        {
            _builders[c].Finish(_batchRows).Dispose();
        }

        _batchRows = 0;
        _removed.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FieldBuilder builder in _builders)
        {
            builder.Dispose();
        }
    }

    /// <summary>Decodes the whole rows of the next window, which is made larger until it has one; returns where they end.</summary>
    private int DecodeWindow(byte[] buffer, int row, int stop, int end, long offset, CsvDecoded decoded)
    {
        for (int bytes = WindowBytes; ; bytes = (int)Math.Min(4L * bytes, int.MaxValue / 2))
        {
            int to = (int)Math.Min(end, (long)row + bytes);
            ScanFindings found = Scan(buffer, row, to);
            _positions[0] = row - 1;
            if (bytes > _rowBytesMax && FindTooLong(buffer, found, to) is int tooLong and >= 0)
            {
                decoded.RowTooLong = offset + tooLong;
                return row;
            }

            if (found.LineEnds == 0)
            {
                if (to == end)
                {
                    return row;
                }

                continue;
            }

            bool checkRows = !_lines && (found.Nul || _flawed.Count > 0 || _layout.FieldCount == 1);
            return !checkRows && AllRowsAreWhole(buffer, found)
                ? DecodeWholeRows(buffer, found, stop, offset, decoded)
                : DecodeRowByRow(buffer, found, stop, offset, decoded);
        }
    }

    /// <summary>Where the first row starts that is longer than allowed, or -1.</summary>
    private int FindTooLong(byte[] buffer, in ScanFindings found, int to)
    {
        int start = _positions[0] + 1;
        for (int i = 1; i <= found.Delimiters; i++)
        {
            if (buffer[_positions[i]] == (byte)'\n')
            {
                if (_positions[i] + 1 - start > _rowBytesMax)
                {
                    return start;
                }

                start = _positions[i] + 1;
            }
        }

        return to - start > _rowBytesMax ? start : -1;
    }

    private ScanFindings Scan(byte[] buffer, int from, int to)
    {
        if (_positions.Length < to - from + 1 + DelimiterScanner.Slack)
        {
            _positions = new int[to - from + 1 + DelimiterScanner.Slack];
        }

        _flawed.Clear();
        ScanFindings found = DelimiterScanner.Scan(_width, buffer, from, to, _separator, _quote, _positions);
        return found.OddQuotes
            ? CarefulScanner.Scan(buffer, from, to, _separator, _quote, _positions, _flawed)
            : found;
    }

    /// <summary>As many line ends as rows, and each where a row of the right number of fields would end: then all rows are such.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool AllRowsAreWhole(byte[] buffer, in ScanFindings found)
    {
        int stride = _layout.FieldCount;
        if ((long)found.LineEnds * stride > found.Delimiters)
        {
            return false;
        }

        int[] positions = _positions;
        int ends = 0;
        for (int i = stride, rows = found.LineEnds; rows > 0; rows--, i += stride)
        {
            ends += buffer[positions[i]] == (byte)'\n' ? 1 : 0;
        }

        return ends == found.LineEnds;
    }

    private int DecodeWholeRows(byte[] buffer, in ScanFindings found, int stop, long offset, CsvDecoded decoded)
    {
        int stride = _layout.FieldCount;
        int rows = found.LineEnds;
        while (rows > 1 && _positions[(rows - 1) * stride] + 1 >= stop)
        {
            rows--;
        }

        decoded.Rows += rows;
        AddRun(buffer, 0, rows, found.Quotes, offset, decoded);
        return _positions[rows * stride] + 1;
    }

    private int DecodeRowByRow(byte[] buffer, in ScanFindings found, int stop, long offset, CsvDecoded decoded)
    {
        int runFirst = 0;
        int runRows = 0;
        int flaw = 0;
        int before = 0;
        for (int i = 1; i <= found.Delimiters && _positions[before] + 1 < stop; i++)
        {
            int lineEnd = _positions[i];
            if (buffer[lineEnd] != (byte)'\n')
            {
                continue;
            }

            int start = _positions[before] + 1;
            bool blank = lineEnd == start || (lineEnd == start + 1 && buffer[start] == (byte)'\r');
            RowFlaw wrong = default;
            if (flaw < _flawed.Count && _flawed[flaw].LineEndIndex == i)
            {
                wrong = _flawed[flaw++].Flaw;
            }

            wrong = blank ? default
                : found.Nul && buffer.AsSpan(start, lineEnd - start).Contains((byte)0) ? RowFlaw.Nul
                : wrong != default ? wrong
                : i - before != _layout.FieldCount ? RowFlaw.FieldCount
                : default;
            decoded.Rows += blank ? 0 : 1;
            if (blank || wrong != default)
            {
                AddRun(buffer, runFirst, runRows, found.Quotes, offset, decoded);
                (runFirst, runRows) = (i, 0);
                if (wrong != default)
                {
                    AddMalformed(decoded, buffer, start, lineEnd + 1, offset, wrong, -1, i - before);
                }
            }
            else
            {
                runRows++;
            }

            before = i;
        }

        AddRun(buffer, runFirst, runRows, found.Quotes, offset, decoded);
        return _positions[before] + 1;
    }

    /// <summary>Parses rows whose delimiters lie behind the one at <paramref name="first"/>, as many batches as they need.</summary>
    private void AddRun(byte[] buffer, int first, int rows, bool quotes, long offset, CsvDecoded decoded)
    {
        int stride = _layout.FieldCount;
        while (rows > 0)
        {
            int taken = Math.Min(rows, BatchRowsMax - _batchRows);
            FieldRun run = new()
            {
                Data = buffer,
                Positions = _positions,
                Stride = stride,
                Rows = taken,
                Quote = quotes ? _quote : -1,
                Faults = _faults,
            };
            for (int c = 0; c < _builders.Length; c++)
            {
                int ordinal = _layout.Ordinals[c];
                run.First = first + ordinal;
                run.IsLast = ordinal == stride - 1;
                run.Column = c;
                _builders[c].Read(run, _batchRows);
            }

            if (decoded.TrackRows)
            {
                TrackRows(first, taken, offset);
            }

            if (_faults.Count > 0)
            {
                RemoveFaulty(buffer, first, offset, decoded);
            }

            _batchRows += taken;
            first += taken * stride;
            rows -= taken;
            if (_batchRows == BatchRowsMax)
            {
                FinishBatch(decoded);
            }
        }
    }

    private void TrackRows(int first, int rows, long offset)
    {
        _rowOffsets ??= new long[BatchRowsMax];
        for (int i = 0; i < rows; i++)
        {
            _rowOffsets[_batchRows + i] = offset + _positions[first + (i * _layout.FieldCount)] + 1;
        }
    }

    /// <summary>Reports the rows with fields that did not fit, once each, and marks them as removed from the batch.</summary>
    private void RemoveFaulty(byte[] buffer, int first, long offset, CsvDecoded decoded)
    {
        _faults.Sort((a, b) => a.Row != b.Row ? a.Row.CompareTo(b.Row) : a.Column.CompareTo(b.Column));
        int last = -1;
        foreach (FieldFault fault in _faults)
        {
            if (fault.Row != last)
            {
                last = fault.Row;
                _removed.Add(_batchRows + fault.Row);
                int before = first + (fault.Row * _layout.FieldCount);
                int start = _positions[before] + 1;
                int end = _positions[before + _layout.FieldCount] + 1;
                string seen = MalformedRow.Show(buffer.AsSpan(fault.Start, fault.Length));
                decoded.AddMalformed(new MalformedRow(offset + start, fault.Flaw, fault.Column, seen, 0), buffer.AsSpan(start, end - start));
            }
        }

        _faults.Clear();
    }

    private static void AddMalformed(CsvDecoded decoded, byte[] buffer, int start, int end, long offset, RowFlaw flaw, int column, int fields)
    {
        ReadOnlySpan<byte> row = buffer.AsSpan(start, end - start);
        if (flaw == RowFlaw.OpenQuote)
        {
            decoded.Rows++;
        }

        decoded.AddMalformed(new MalformedRow(offset + start, flaw, column, MalformedRow.Show(row.TrimEnd("\r\n"u8)), fields), row);
    }

    private void FinishBatch(CsvDecoded decoded)
    {
        Column[] columns = new Column[_builders.Length];
        for (int c = 0; c < columns.Length; c++)
        {
            columns[c] = _builders[c].Finish(_batchRows);
        }

        Batch batch = new(_schema, columns, _batchRows);
        int[]? kept = _removed.Count > 0 ? KeptRows() : null;
        if (decoded.TrackRows)
        {
            long[] offsets = _rowOffsets.AsSpan(0, _batchRows).ToArray();
            decoded.RowOffsets.Add(kept is null ? offsets : [.. kept.Select(row => offsets[row])]);
        }

        _batchRows = 0;
        _removed.Clear();

        if (kept is not null)
        {
            Batch whole = batch;
            batch = whole.Gather(kept);
            whole.Dispose();
        }

        decoded.Batches.Add(batch);
    }

    private int[] KeptRows()
    {
        HashSet<int> removed = [.. _removed];
        return [.. Enumerable.Range(0, _batchRows).Where(row => !removed.Contains(row))];
    }
}
