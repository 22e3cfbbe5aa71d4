using System.Collections.Immutable;
using System.Globalization;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Files of CSV as a source. Plain files are cut into splits that go to the partitions in turn; a compressed file, standard
/// input and a file that is followed each go to one partition as a whole. Nothing is mapped into memory: a file that is cut
/// while it is read is an error with a name. Partitions that are read side by side cost least: where fields may be quoted,
/// a split needs to know where the one before it ended.
/// </summary>
public sealed class CsvSource : ISource
{
    private readonly ImmutableArray<InputFile> _files;
    private readonly List<(InputFile File, SplitStarts? Starts, long FirstItem)> _items = [];
    private readonly long _itemCount;
    private readonly string _cut;
    private readonly Lock _malformedLock = new();
    private readonly List<(int File, MalformedRow Row)> _malformed = [];
    private long _malformedCount;
    private RowWindow? _feedWindow;

    internal CsvSource(CsvSourceSettings settings, Schema schema, IEnumerable<InputFile> files, RowWindow? feedWindow, ColumnPool pool)
    {
        (Settings, Schema, Pool, _files, _feedWindow) = (settings, schema, pool, [.. files], feedWindow);
        CannotReadAgain = _files.Any(f => f.Feed is not null);
        PartitionCount = settings.Follow || CannotReadAgain ? 1 : settings.PartitionCount;
        foreach (InputFile file in _files)
        {
            if (file.Layout is not null)
            {
                SplitStarts? starts = file.Compressed || file.Growing ? null : new SplitStarts(file.DataStart, file.Length, settings.SplitBytes);
                _items.Add((file, starts, _itemCount));
                _itemCount += starts?.Count ?? 1;
            }
        }

        _cut = string.Create(CultureInfo.InvariantCulture, $"{PartitionCount} partitions, splits of {settings.SplitBytes} bytes, compressed rounds of {settings.CompressedRoundBytes} bytes");
        TotalBytes = _files.Any(f => f.Growing) ? null : _files.Sum(f => f.Length);
        Identity = SourceIdentity.Write(_files, _cut);
    }

    /// <inheritdoc/>
    public Schema Schema { get; }

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <inheritdoc/>
    public long? TotalBytes { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary>The rows that could not be read so far; from any thread. Reads files again to number lines, so not for a progress bar.</summary>
    public MalformedRowsReport MalformedRows
    {
        get
        {
            (int File, MalformedRow Row)[] rows;
            long count;
            lock (_malformedLock)
            {
                (rows, count) = ([.. _malformed], _malformedCount);
            }

            return new MalformedRowsReport(count, [.. rows.Select(r => Describe(_files[r.File], r.Row))]);
        }
    }

    internal CsvSourceSettings Settings { get; }

    internal ColumnPool Pool { get; }

    /// <summary>Whether it reads standard input.</summary>
    internal bool CannotReadAgain { get; }

    /// <summary>
    /// Opens the files, looks at the head of each, finds the wanted columns and infers the types that are not declared. Reads
    /// standard input up to its first lines, and waits for them. Throws <see cref="SourceFailedException"/> for input that
    /// cannot be read as asked and <see cref="ArgumentException"/> for settings out of their range.
    /// </summary>
    public static CsvSource Open(CsvSourceSettings settings, ColumnPool? pool = null, Stream? standardInput = null) =>
        new CsvSourceOpening(settings, pool ?? ColumnPool.Shared, standardInput).Open();

    /// <inheritdoc/>
    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => SourceIdentity.Check(identity, _files, _cut);

    /// <inheritdoc/>
    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)partition.Value, (uint)PartitionCount, nameof(partition));
        return new CsvPartition(this, partition, CsvPosition.Read(position));
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _feedWindow, null)?.Dispose();

    /// <summary>The partition's item at an index, or null behind the last. The items of all files go to the partitions in turn.</summary>
    internal SourceItem? ItemAt(PartitionId partition, int index)
    {
        long item = partition.Value + ((long)index * PartitionCount);
        if (item >= _itemCount)
        {
            return null;
        }

        int low = 0;
        for (int high = _items.Count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _items[middle].FirstItem <= item ? (middle, high) : (low, middle - 1);
        }

        return new SourceItem(_items[low].File, (int)(item - _items[low].FirstItem), _items[low].Starts);
    }

    /// <summary>Standard input's window, with what its head was read into; once.</summary>
    internal RowWindow? TakeFeedWindow() => Interlocked.Exchange(ref _feedWindow, null);

    internal void AddMalformed(InputFile file, IEnumerable<MalformedRow> rows, long count)
    {
        int index = _files.IndexOf(file);
        lock (_malformedLock)
        {
            _malformedCount += count;
            _malformed.AddRange(rows.Select(r => (index, r)));
            _malformed.Sort((a, b) => a.File != b.File ? a.File.CompareTo(b.File) : a.Row.Offset.CompareTo(b.Row.Offset));
            if (_malformed.Count > CsvDecoded.MalformedKeptMax)
            {
                _malformed.RemoveRange(CsvDecoded.MalformedKeptMax, _malformed.Count - CsvDecoded.MalformedKeptMax);
            }
        }
    }

    internal SourceFailedException Malformed(InputFile file, MalformedRow row) =>
        new($"{Describe(file, row)}. The policy 'skip' leaves such rows out and counts them, 'set-aside' also writes them to a file");

    internal SourceFailedException RowTooLong(InputFile file, long offset) =>
        new($"{Place(file, offset)}: a row of more than {Settings.Csv.RowBytesMax} bytes; is a quote never closed, or is this no CSV?");

    /// <summary><c>name:line</c>; of standard input, which cannot be read again to count lines, the byte.</summary>
    internal string Place(InputFile file, long offset)
    {
        if (file.Feed is not null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"standard input, byte {offset}");
        }

        using RowWindow window = new(Settings.Csv);
        window.Select(file);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{window.LineAt(offset)}");
    }

    private string Describe(InputFile file, MalformedRow row) =>
        $"{Place(file, row.Offset)}: {row.Describe(Schema, file.Layout!.FieldCount)}";
}
