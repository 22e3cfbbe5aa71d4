using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>One partition of a <see cref="SealedFileSource"/>: a unit of row groups a round.</summary>
internal sealed class SealedFilePartition : ISourcePartition
{
    private const byte Version = 1;
    private const int PositionBytes = 1 + (3 * sizeof(long));

    private readonly SealedFileSource _source;
    private readonly ImmutableArray<SealedInputFile> _files;
    private readonly PartitionId _partition;
    private readonly Lock _countsLock = new();
    private SourceCounts _counts;
    private long _round;
    private SealedFileReader? _reader;
    private int _readerFile = -1;
    private (GroupUnit Unit, int Group)? _emitting;

    public SealedFilePartition(SealedFileSource source, ImmutableArray<SealedInputFile> files, PartitionId partition, ReadOnlySpan<byte> position)
    {
        (_source, _files, _partition) = (source, files, partition);
        if (position.IsEmpty)
        {
            return;
        }

        if (position.Length != PositionBytes || position[0] != Version)
        {
            throw new SourceFailedException("the snapshot's position in the sealed input is damaged, or of another version");
        }

        _round = BinaryPrimitives.ReadInt64BigEndian(position[1..]);
        _counts = new SourceCounts(BinaryPrimitives.ReadInt64BigEndian(position[9..]), BinaryPrimitives.ReadInt64BigEndian(position[17..]), 0);
        if (_round < 0)
        {
            throw new SourceFailedException("the snapshot's position in the sealed input is damaged");
        }
    }

    public Action? Wake { get; set; }

    /// <summary>Bytes are those of whole row groups, wanted columns or not: so they add up to the files.</summary>
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
        if (_source.Cut.At(_partition, _round) is not { } unit)
        {
            return SourceStep.End;
        }

        SealedInputFile file = _files[unit.File];
        SealedFileReader reader = ReaderOf(unit.File);
        SourceCounts counts = _counts;
        try
        {
            for (int group = unit.FirstGroup; group < unit.FirstGroup + unit.GroupCount; group++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Outcome<Batch> batch = SealedGroupRows.Read(file.Path, reader, file.Columns, unit.Strand, group, _source.Pool);
                if (!batch.Succeeded)
                {
                    throw new SourceFailedException(batch.Failure.Message);
                }

                counts = counts with
                {
                    Rows = counts.Rows + batch.Value.Count,
                    Bytes = counts.Bytes + reader.Index.Groups(unit.Strand)[group].Length,
                };
                _emitting = (unit, group);
                emit(batch.Value); // whose the batch is from here on, also when it throws
                _emitting = null;
            }
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"{file.Path}: cannot be read: {e.Message}", e);
        }

        _round++;
        lock (_countsLock)
        {
            _counts = counts;
        }

        return SourceStep.Round;
    }

    public void WritePosition(IBufferWriter<byte> writer)
    {
        Span<byte> bytes = writer.GetSpan(PositionBytes)[..PositionBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], _round);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], _counts.Rows);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], _counts.Bytes);
        writer.Advance(PositionBytes);
    }

    public string Locate(int row)
    {
        (GroupUnit unit, int group) = _emitting ?? throw new InvalidOperationException("no batch is being emitted");
        StrandEnd end = _files[unit.File].Reader.Ends[unit.Strand]!;
        long before = 0;
        for (int g = 0; g < group; g++)
        {
            before += end.GroupRows(g);
        }

        string strand = _files[unit.File].Reader.Ends.Length == 1 ? "" : $"strand {unit.Strand}, ";
        return $"{Path.GetFileName(_files[unit.File].Path)}: {strand}row group {group}, row {before + row + 1}";
    }

    public void Dispose() => _reader?.Dispose();

    private SealedFileReader ReaderOf(int file)
    {
        if (_readerFile != file)
        {
            _reader?.Dispose();
            _reader = null;
            _reader = _files[file].Fork();
            _readerFile = file;
        }

        return _reader!;
    }
}
