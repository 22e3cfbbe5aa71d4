using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Rows written to a stream that cannot be taken back, standard output as a rule: at least once, since a resumed run
/// writes again what it had written since its snapshot. The stream stays the caller's.
/// <paramref name="name"/> is what messages call it.
/// </summary>
public sealed class StreamSinkSpec(Stream stream, RowFormat format, string name = "standard output") : SinkSpec, IOpenableSink
{
    /// <inheritdoc/>
    public override string Canonical => Shown;

    /// <inheritdoc/>
    public string Form => $"stream {format.Name}";

    /// <inheritdoc/>
    public override string Description => $"{format.Name} to {name}";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) =>
        new Writer(stream, format, name, schema, resumed: !position.IsEmpty);

    private sealed class Writer : ISinkWriter
    {
        /// <summary>Bytes gathered before the stream is written to.</summary>
        private const int BufferBytes = 64 << 10;

        private readonly Stream _stream;
        private readonly RowFormat _format;
        private readonly string _name;
        private readonly ArrayBufferWriter<byte> _buffer = new();

        internal Writer(Stream stream, RowFormat format, string name, Schema schema, bool resumed)
        {
            (_stream, _format, _name) = (stream, format, name);
            if (!resumed)
            {
                format.WriteHeader(schema, _buffer);
            }
        }

        public void Write(Batch batch, Round round)
        {
            _format.WriteRows(batch, _buffer);
            if (_buffer.WrittenCount >= BufferBytes)
            {
                Flush();
            }
        }

        public void CloseRound(Round round, Watermark watermark) => Flush();

        public void Complete() => Flush();

        public void WritePosition(IBufferWriter<byte> writer)
        {
            Flush();
            writer.GetSpan(1)[0] = 1; // nothing to go back to: what was written stays there
            writer.Advance(1);
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }

        private void Flush()
        {
            if (_buffer.WrittenCount > 0)
            {
                try
                {
                    _stream.Write(_buffer.WrittenSpan);
                    _stream.Flush();
                }
                catch (IOException failure)
                {
                    throw new StageFailedException($"cannot write to {_name}: {failure.Message}", failure);
                }

                _buffer.ResetWrittenCount();
            }
        }
    }
}
