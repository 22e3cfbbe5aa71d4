using System.Buffers;
using System.Buffers.Binary;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Events of .NET code (<see cref="SequenceSourceSpec"/>) as a source.</summary>
internal sealed class SequenceSource(SequenceSourceSpec spec, Schema schema) : ISource
{
    private ReadOnlyMemory<byte>? _identity;

    public Schema Schema => schema;

    public int PartitionCount => spec.PartitionCount;

    public long? TotalBytes => null;

    // Digesting all events costs a pass over them: only runs with snapshots ask.
    public ReadOnlyMemory<byte> Identity => _identity ??= spec.IsReplayable ? spec.ComputeIdentity() : default;

    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => identity.SequenceEqual(Identity.Span)
        ? true
        : new Failure(FailureKind.Mismatch, $"{spec.Description} does not have the events that it had when the snapshot was taken");

    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) =>
        new Partition(spec.Open(partition), partition, position);

    public void Dispose()
    {
    }

    private sealed class Partition : ISourcePartition
    {
        /// <summary>Events of a batch: few enough that the columns of a stage stay in a core's cache.</summary>
        private const int RowsPerBatch = 8192;

        /// <summary>Batches of a round: what is done once a round is then paid for by many events.</summary>
        private const int BatchesPerRound = 32;

        private static readonly TimeSpan UntilWoken = TimeSpan.FromSeconds(1);

        private readonly IRowSource _rows;
        private readonly PartitionId _partition;
        private long _count;
        private long _batchStart;
        private bool _ended;

        internal Partition(IRowSource rows, PartitionId partition, ReadOnlySpan<byte> position)
        {
            (_rows, _partition) = (rows, partition);
            if (!position.IsEmpty)
            {
                _rows.Seek(BinaryPrimitives.ReadInt64LittleEndian(position));
                _count = BinaryPrimitives.ReadInt64LittleEndian(position[sizeof(long)..]);
            }
        }

        public Action? Wake
        {
            get => _rows.Wake;
            set => _rows.Wake = value;
        }

        public SourceCounts Counts => new(Interlocked.Read(ref _count), 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            if (_ended)
            {
                return SourceStep.End;
            }

            for (int i = 0; i < BatchesPerRound; i++)
            {
                RowSourceStep step = Next(out Batch? batch);
                if (step == RowSourceStep.Batch)
                {
                    _batchStart = _count;
                    Interlocked.Add(ref _count, batch!.Count);
                    emit(batch);
                    continue;
                }

                _ended = step == RowSourceStep.End;
                if (i == 0)
                {
                    return _ended ? SourceStep.End : SourceStep.Wait(UntilWoken);
                }

                break;
            }

            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _rows.Position);
            writer.Advance(sizeof(long));
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _count);
            writer.Advance(sizeof(long));
        }

        public string Locate(int row) => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"event {_batchStart + row} (from 0) of partition {_partition.Value}");

        public void Dispose() => _rows.Dispose();

        private RowSourceStep Next(out Batch? batch)
        {
            try
            {
                return _rows.Next(RowsPerBatch, out batch);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw new SourceFailedException($"the sequence failed: {failure.Message}", failure);
            }
        }
    }
}
