using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Rows to standard output or another pipe, flushed at the end of each round. At least once: a resumed run writes again what
/// it had written since its snapshot. The pipe stays the caller's.
/// </summary>
public sealed class PipeSinkSpec(Stream pipe, RowFormat format) : SinkSpec, IOpenableSink
{
    /// <inheritdoc/>
    public override string Canonical => $"pipe {format.Name}";

    /// <inheritdoc/>
    public override string Description => $"{format.Name} to a pipe";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) => new Writer(pipe, format, schema, position.IsEmpty);

    private sealed class Writer : ISinkWriter
    {
        /// <summary>Bytes gathered before the pipe is written to.</summary>
        private const int BufferBytes = 64 << 10;

        private readonly Stream _pipe;
        private readonly RowFormat _format;
        private readonly ArrayBufferWriter<byte> _buffer = new();

        internal Writer(Stream pipe, RowFormat format, Schema schema, bool first)
        {
            (_pipe, _format) = (pipe, format);
            if (first)
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
            writer.GetSpan(1)[0] = 1; // nothing to go back to: what went into a pipe stays there
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
            try
            {
                if (_buffer.WrittenCount > 0)
                {
                    _pipe.Write(_buffer.WrittenSpan);
                    _pipe.Flush();
                }

                _buffer.ResetWrittenCount();
            }
            catch (IOException failure)
            {
                throw new StageFailedException($"cannot write the result: {failure.Message}", failure);
            }
        }
    }
}
