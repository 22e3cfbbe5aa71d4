using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// Sealed files as the source of a stage behind a boundary: the host hands over blocks, and what is in them is checked against
/// the files' ends before anything is believed. Only the columns that the plan reads are asked for and opened.
/// </summary>
internal sealed class BlockSource : ISource
{
    private readonly StageWorker _worker;
    private readonly StageId _stage;
    private readonly BlockFile[] _files;
    private readonly GroupCut _cut;

    internal BlockSource(StageWorker worker, StageId stage, SourceNode node)
    {
        (_worker, _stage) = (worker, stage);
        Schema = node.Schema;
        PartitionCount = worker.Plan.Stages[stage.Value].PartitionCount;
        ImmutableArray<SealedStream> inputs = worker.Setup.Inputs.GetValueOrDefault(stage, []);
        _files = [.. inputs.Select((input, i) => BlockFile.Open(worker, stage, i, input, node.Schema))];
        _cut = new GroupCut(_files.Select(f => f.Ends.Select(e => e.GroupCount)), PartitionCount, GroupsPerRound(node.Source.Canonical));
        Identity = SHA256.HashData([.. _files.SelectMany(f => f.Digest.ToString()).Select(c => (byte)c)]);
    }

    /// <inheritdoc/>
    public Schema Schema { get; }

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <inheritdoc/>
    public long? TotalBytes => null;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <inheritdoc/>
    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => identity.SequenceEqual(Identity.Span)
        ? true
        : new Failure(FailureKind.Mismatch, "the sealed input is not the one that the snapshot was taken of");

    /// <inheritdoc/>
    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position)
    {
        if (position.IsEmpty)
        {
            return new Partition(this, partition, 0, default);
        }

        FieldReader reader = new(position);
        long next = reader.Int64();
        SourceCounts counts = new(reader.Int64(), reader.Int64(), 0);
        ReadOnlySpan<byte> identity = reader.Take(Identity.Length);
        if (reader.IsCut || reader.Left > 0 || next < 0)
        {
            throw new SourceFailedException("cannot resume: the snapshot's position in the sealed input cannot be read");
        }

        Outcome<bool> same = CheckIdentity(identity);
        return same.Succeeded ? new Partition(this, partition, next, counts) : throw new SourceFailedException($"cannot resume: {same.Failure.Message}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BlockFile file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>How the plan cuts sealed files, as the source's text says.</summary>
    private static int GroupsPerRound(string canonical)
    {
        const string Name = "groups=";
        int at = canonical.LastIndexOf(Name, StringComparison.Ordinal);
        return at >= 0 && int.TryParse(canonical.AsSpan(at + Name.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int groups) && groups > 0
            ? groups
            : throw new SourceFailedException($"the plan does not say how its sealed source is cut: {canonical}");
    }

    private sealed class Partition(BlockSource source, PartitionId partition, long next, SourceCounts counts) : ISourcePartition
    {
        /// <summary>Units asked for before they are needed: one is worked on while the next is on its way.</summary>
        private const int UnitsAhead = 3;

        private readonly Queue<Unit> _asked = new();
        private long _nextToAsk = next;
        private long _next = next;
        private GroupUnit _current;
        private bool _disposed;

        public Action? Wake { get; set; }

        public SourceCounts Counts { get; private set; } = counts;

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            AskAhead();
            if (!_asked.TryPeek(out Unit? unit))
            {
                return SourceStep.End;
            }

            if (!unit.IsComplete)
            {
                return SourceStep.Wait(Timeout.InfiniteTimeSpan);
            }

            _asked.Dequeue();
            AskAhead();
            using (unit)
            {
                BlockFile file = source._files[unit.Place.File];
                _current = unit.Place;
                for (int g = 0; g < unit.Place.GroupCount; g++)
                {
                    Message? block = unit.Blocks[g];
                    if (block is null)
                    {
                        throw new IntegrityException(new Failure(
                            FailureKind.Integrity, $"{file.Name}: the host does not give row group {unit.Place.FirstGroup + g}, which the end of the file names"));
                    }

                    Batch batch = file.Open(unit.Place.Strand, unit.Place.FirstGroup + g, StageWorker.BlockOf(block));
                    Counts = new SourceCounts(Counts.Rows + batch.Count, Counts.Bytes + block.Length, 0);
                    if (batch.Count > 0)
                    {
                        emit(batch);
                    }
                    else
                    {
                        batch.Dispose();
                    }
                }
            }

            _next++;
            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.Int64(_next);
            writer.Int64(Counts.Rows);
            writer.Int64(Counts.Bytes);
            writer.Write(source.Identity.Span);
        }

        public string Locate(int row) => $"{source._files[_current.File].Name}, row group {_current.FirstGroup}, row {row}";

        public void Dispose()
        {
            _disposed = true;
            while (_asked.TryDequeue(out Unit? unit))
            {
                unit.Dispose();
            }
        }

        private void AskAhead()
        {
            while (_asked.Count < UnitsAhead && source._cut.At(partition, _nextToAsk) is { } place)
            {
                _nextToAsk++;
                Unit unit = new(place);
                _asked.Enqueue(unit);
                for (int g = 0; g < place.GroupCount; g++)
                {
                    int index = g;
                    source._worker.Ask(
                        number => new ReadMessage(
                            number, ReadSubject.Group, "", source._stage, place.File, place.Strand, place.FirstGroup + index, source._files[place.File].Columns),
                        block =>
                        {
                            if (_disposed)
                            {
                                block?.Dispose();
                                return;
                            }

                            unit.Take(index, block);
                            if (unit.IsComplete)
                            {
                                Wake?.Invoke();
                            }
                        });
                }
            }
        }
    }

    /// <summary>Row groups that were asked for and arrive in any order.</summary>
    private sealed class Unit(GroupUnit place) : IDisposable
    {
        private int _missing = place.GroupCount;

        internal GroupUnit Place => place;

        internal Message?[] Blocks { get; } = new Message?[place.GroupCount];

        internal bool IsComplete => _missing == 0;

        internal void Take(int index, Message? block)
        {
            Blocks[index] = block;
            _missing--;
        }

        public void Dispose()
        {
            foreach (Message? block in Blocks)
            {
                block?.Dispose();
            }
        }
    }
}
