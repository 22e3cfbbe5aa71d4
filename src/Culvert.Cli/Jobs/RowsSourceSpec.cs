using System.Buffers;
using System.Globalization;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>The rows of a test as a source: one batch, one round. The batch stays the caller's.</summary>
internal sealed class RowsSourceSpec(Batch rows) : SourceSpec, IOpenableSource
{
    public override string Canonical => "rows";

    public override string Description => $"{rows.Count} rows";

    public override bool IsReplayable => false;

    public ISource Open(Schema schema, IClock clock) => new Source(rows);

    private sealed class Source(Batch rows) : ISource
    {
        public Schema Schema => rows.Schema;

        public int PartitionCount => 1;

        public long? TotalBytes => null;

        public ReadOnlyMemory<byte> Identity => default;

        public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => true;

        public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) => new Partition(rows);

        public void Dispose()
        {
        }
    }

    private sealed class Partition(Batch rows) : ISourcePartition
    {
        private bool _read;

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(_read ? rows.Count : 0, 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            if (_read || rows.Count == 0)
            {
                return SourceStep.End;
            }

            _read = true;
            emit(rows.Retain());
            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public string Locate(int row) => string.Create(CultureInfo.InvariantCulture, $"input row {row + 1}");

        public void Dispose()
        {
        }
    }
}
