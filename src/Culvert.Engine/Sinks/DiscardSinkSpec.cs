using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A sink that counts rows and drops them: for measuring.</summary>
public sealed class DiscardSinkSpec : SinkSpec, IOpenableSink
{
    /// <inheritdoc/>
    public override string Canonical => "discard";

    /// <inheritdoc/>
    public string Form => "discard";

    /// <inheritdoc/>
    public override string Description => "discard";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) => new Writer();

    private sealed class Writer : ISinkWriter
    {
        public void Write(Batch batch, Round round)
        {
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
