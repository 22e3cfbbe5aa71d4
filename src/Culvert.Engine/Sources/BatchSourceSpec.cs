using System.Buffers;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>One batch as a source, for tests of jobs. Takes over the caller's reference to it; can be opened once.</summary>
public sealed class BatchSourceSpec(Batch batch) : SourceSpec, IOpenableSource
{
    /// <inheritdoc/>
    public override string Canonical => "batch";

    /// <inheritdoc/>
    public override string Description => "a batch";

    /// <inheritdoc/>
    public override bool IsReplayable => false;

    /// <inheritdoc/>
    public ISource Open(Schema schema, IClock clock) => new Source(batch);

    private sealed class Source(Batch batch) : ISource, ISourcePartition
    {
        private bool _read;

        public Schema Schema => batch.Schema;

        public int PartitionCount => 1;

        public long? TotalBytes => null;

        public ReadOnlyMemory<byte> Identity => default;

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(_read ? batch.Count : 0, 0, 0);

        public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => true;

        public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) => this;

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            if (_read)
            {
                return SourceStep.End;
            }

            _read = true;
            emit(batch);
            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public string Locate(int row) => $"row {row + 1} of the input";

        public void Dispose()
        {
        }
    }
}
