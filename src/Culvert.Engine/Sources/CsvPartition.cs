using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>One partition of a <see cref="CsvSource"/>: some splits and compressed files, round by round.</summary>
internal sealed class CsvPartition : ISourcePartition
{
    /// <summary>How often a file that is followed is looked at again: a person waits for the answer.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly CsvSource _source;
    private readonly PartitionId _partition;
    private readonly CsvDecoder _decoder;
    private readonly CsvDecoded _decoded;
    private readonly SetAsideFile? _setAside;
    private RowWindow _window;
    private CsvPosition _position;
    private SourceCounts _counts;
    private readonly Lock _countsLock = new();
    private int _emitting = -1;
    private (InputFile File, long Start, long Stop) _round;

    public CsvPartition(CsvSource source, PartitionId partition, CsvPosition position)
    {
        (_source, _partition, _position) = (source, partition, position);
        CsvOptions csv = source.Settings.Csv;
        _decoder = new CsvDecoder(csv, source.Schema, source.Pool);
        bool aside = csv.Malformed == MalformedRowPolicy.SetAside && source.Settings.SetAsidePath is not null;
        _decoded = new CsvDecoded { SetAside = aside ? new ArrayBufferWriter<byte>() : null, TrackRows = source.CannotReadAgain };
        _setAside = aside ? new SetAsideFile(source.Settings.SetAsidePath!, partition, position.SetAsideBytes) : null;
        _window = source.TakeFeedWindow() ?? new RowWindow(csv);
        _counts = position.Counts;
        if (position is { Item: > 0, Offset: 0, Behind: >= 0 } && source.ItemAt(partition, position.Item - 1) is { Starts: { } starts } done)
        {
            starts.TellKnown(done.Split + 1, position.Behind);
        }
    }

    public Action? Wake { get; set; }

    public SourceCounts Counts
    {
        get
        {
            lock (_countsLock)
            {
                return _counts;
            }
        }
    }

    public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
    {
        if (_source.ItemAt(_partition, _position.Item) is not { } item)
        {
            return SourceStep.End;
        }

        _decoded.Clear();
        _decoder.Discard();
        _window.Select(item.File);
        CsvPosition next;
        try
        {
            _decoder.Layout = item.File.Layout!;
            next = item.Starts is { } starts
                ? DecodeSplit(item, starts, cancellationToken)
                : DecodeOn(item, cancellationToken);
        }
        catch
        {
            _decoder.Discard();
            _decoded.Clear();
            throw;
        }

        if (next == _position && _decoded.Rows == 0)
        {
            return WaitOrEnd(item);
        }

        ReportMalformed(item.File);
        EmitBatches(emit);
        _position = next with
        {
            Counts = next.Counts with
            {
                Rows = next.Counts.Rows + _decoded.Rows,
                Malformed = next.Counts.Malformed + _decoded.MalformedCount,
            },
            SetAsideBytes = _setAside?.Length ?? 0,
        };
        lock (_countsLock)
        {
            _counts = _position.Counts;
        }

        return SourceStep.Round;
    }

    public void WritePosition(IBufferWriter<byte> writer)
    {
        _setAside?.Flush();
        _position.Write(writer);
    }

    public string Locate(int row)
    {
        if (_emitting < 0)
        {
            throw new InvalidOperationException("no batch is being emitted");
        }

        if (_decoded.TrackRows)
        {
            return _source.Place(_round.File, _decoded.RowOffsets[_emitting][row]);
        }

        // Where rows start is not kept, since it is asked for only when all has failed: the round is read again to find it.
        using CsvDecoder decoder = new(_source.Settings.Csv with { Malformed = MalformedRowPolicy.Skip }, _source.Schema, _source.Pool) { Layout = _round.File.Layout! };
        using CsvDecoded again = new() { TrackRows = true };
        using RowWindow window = new(_source.Settings.Csv);
        window.Select(_round.File);
        window.DecodeRows(_round.Start, _round.Stop, decoder, again, CancellationToken.None);
        return _source.Place(_round.File, again.RowOffsets[_emitting][row]);
    }

    public void Dispose()
    {
        _decoded.Clear();
        _decoder.Dispose();
        _window.Dispose();
        _setAside?.Dispose();
    }

    private CsvPosition DecodeSplit(SourceItem item, SplitStarts starts, CancellationToken cancellationToken)
    {
        long end = starts.End(item.Split);
        starts.Claim(item.Split);
        bool guessing = false;
        long start = starts.Known(item.Split);
        if (start < 0)
        {
            start = _window.FindLine(item.Split * _source.Settings.SplitBytes, end);
            guessing = _source.Settings.Csv.Quote is not null;
        }

        long behind = Decode(item.File, start, end, cancellationToken);
        bool whole = _decoded.RowTooLong < 0 && !Refused;
        if (whole)
        {
            starts.Tell(item.Split, start, behind);
        }

        if (guessing)
        {
            long known = starts.Find(item.Split, (split, from) => FindEnd(item.File, from, starts.End(split), cancellationToken));
            if (known != start && !(known >= end && start >= end))
            {
                _decoded.Clear();
                _window.Select(item.File);
                behind = Decode(item.File, known, end, cancellationToken);
                whole = _decoded.RowTooLong < 0 && !Refused;
                if (whole)
                {
                    starts.Tell(item.Split, known, behind);
                }
            }

            (start, behind) = (known, Math.Max(known, behind));
        }

        ThrowIfFailed(item.File);
        _round = (item.File, start, end);
        long bytes = Math.Min(end, item.File.Length) - (item.Split * _source.Settings.SplitBytes);
        return _position with
        {
            Item = _position.Item + 1,
            Offset = 0,
            Behind = guessing || starts.Known(item.Split) == start ? behind : -1,
            Counts = _position.Counts with { Bytes = _position.Counts.Bytes + bytes },
        };
    }

    private bool Refused => _decoded.MalformedCount > 0 && _source.Settings.Csv.Malformed == MalformedRowPolicy.Fail;

    private long Decode(InputFile file, long start, long end, CancellationToken cancellationToken) =>
        start >= end ? start : _window.DecodeRows(start, end, _decoder, _decoded, cancellationToken);

    /// <summary>Where the first row behind a split starts, for a split that another partition has not read yet.</summary>
    private long FindEnd(InputFile file, long start, long end, CancellationToken cancellationToken)
    {
        using RowWindow window = new(_source.Settings.Csv);
        window.Select(file);
        byte quote = (byte)_source.Settings.Csv.Quote!.Value;
        long stop = Math.Min(end, file.Length);
        if (!window.Contains(quote, start, stop))
        {
            // The last row goes on to the next line end, unless a quote lies before that.
            long limit = Math.Min(file.Length, stop + _source.Settings.Csv.RowBytesMax);
            long line = stop == file.Length ? stop : window.FindLine(stop, limit);
            if ((line < limit || limit == file.Length) && !window.Contains(quote, stop, line))
            {
                return line;
            }
        }

        CsvOptions csv = _source.Settings.Csv with { Malformed = MalformedRowPolicy.Skip };
        using CsvDecoder rows = new(csv, new Schema(), _source.Pool) { Layout = new CsvLayout(file.Layout!.FieldCount) };
        using CsvDecoded found = new();
        long behind = window.DecodeRows(start, end, rows, found, cancellationToken);
        if (found.RowTooLong >= 0)
        {
            throw _source.RowTooLong(file, found.RowTooLong);
        }

        return behind;
    }

    /// <summary>The next part of a file that can only be read from its start on.</summary>
    private CsvPosition DecodeOn(SourceItem item, CancellationToken cancellationToken)
    {
        InputFile file = item.File;
        if (file.Feed is { } feed)
        {
            feed.Arrived = () => Wake?.Invoke();
        }

        long start = Math.Max(_position.Offset, file.DataStart);
        long stop = start + (file.Growing ? _source.Settings.SplitBytes : _source.Settings.CompressedRoundBytes);
        long stored = _window.StoredBytesRead;
        long behind = Decode(file, start, stop, cancellationToken);
        ThrowIfFailed(file);
        _round = (file, start, stop);
        bool ended = _window.EndsAt(behind);
        long bytes = file.Compressed ? _window.StoredBytesRead - stored : behind - Math.Max(_position.Offset, 0);
        if (ended || behind > start)
        {
            return _position with
            {
                Item = _position.Item + (ended ? 1 : 0),
                Offset = ended ? 0 : behind,
                Behind = -1,
                Counts = _position.Counts with { Bytes = _position.Counts.Bytes + bytes },
            };
        }

        return _position;
    }

    private static SourceStep WaitOrEnd(SourceItem item)
    {
        Invariant.Holds(item.File.Growing);
        return SourceStep.Wait(LookAgain);
    }

    private void ThrowIfFailed(InputFile file)
    {
        if (_decoded.RowTooLong >= 0)
        {
            throw _source.RowTooLong(file, _decoded.RowTooLong);
        }

        if (Refused)
        {
            throw _source.Malformed(file, _decoded.Malformed[0]);
        }
    }

    private void ReportMalformed(InputFile file)
    {
        if (_decoded.MalformedCount > 0)
        {
            _source.AddMalformed(file, _decoded.Malformed, _decoded.MalformedCount);
            if (_decoded.SetAside is { } rows)
            {
                _setAside!.Append(rows.WrittenSpan);
            }
        }
    }

    private void EmitBatches(Action<Batch> emit)
    {
        // Whoever is called owns the batch, also when it throws.
        while (_decoded.TakeBatch(out Batch? batch))
        {
            _emitting++;
            emit(batch);
        }

        _emitting = -1;
    }
}

/// <summary>A split of a plain file, or a whole file that cannot be split (then <paramref name="Starts"/> is null).</summary>
internal readonly record struct SourceItem(InputFile File, int Split, SplitStarts? Starts);
