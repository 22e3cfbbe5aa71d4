using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Rows on standard output, as they come. At least once: a resumed run writes again what came after its snapshot.</summary>
public sealed class StandardOutputSinkSpec(RowFormat format) : SinkSpec, IOpenableSink
{
    /// <inheritdoc/>
    public override string Canonical => $"standard output {format.Name}";

    /// <inheritdoc/>
    public override string Description => $"{format.Name} on standard output";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) => new Writer(format, schema);

    private sealed class Writer : ISinkWriter
    {
        private readonly RowFormat _format;
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private readonly Stream _output = Console.OpenStandardOutput();

        internal Writer(RowFormat format, Schema schema)
        {
            _format = format;
            format.WriteHeader(schema, _buffer);
        }

        public void Write(Batch batch, Round round)
        {
            _format.WriteRows(batch, _buffer);
            Flush();
        }

        public void CloseRound(Round round, Watermark watermark) => _output.Flush();

        public void Complete() => Flush();

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.GetSpan(1)[0] = 1; // nothing to go back to: what was written is gone
            writer.Advance(1);
        }

        public void MakeDurable()
        {
        }

        public void Dispose() => _output.Dispose();

        private void Flush()
        {
            if (_buffer.WrittenCount > 0)
            {
                _output.Write(_buffer.WrittenSpan);
                _output.Flush();
                _buffer.ResetWrittenCount();
            }
        }
    }
}
