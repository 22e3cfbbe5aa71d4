using System.Buffers;
using System.Buffers.Binary;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A file of rows, exactly once: written under the name with <c>.partial</c> behind it, cut back to its snapshot's length
/// when a run is resumed, and given its name when all is written.
/// </summary>
public sealed class FileSinkSpec(string path, RowFormat format) : SinkSpec, IOpenableSink
{
    /// <summary>What an unfinished file's name ends with.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public override string Canonical => Shown;

    /// <inheritdoc/>
    public string Form => $"file {format.Name}";

    /// <inheritdoc/>
    public override string Description => $"{format.Name} {Path}";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) =>
        new Writer(Path, format, schema, position.IsEmpty ? null : BinaryPrimitives.ReadInt64LittleEndian(position));

    private sealed class Writer : ISinkWriter
    {
        /// <summary>Bytes gathered before the file is written to.</summary>
        private const int BufferBytes = 256 << 10;

        private readonly string _path;
        private readonly RowFormat _format;
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private readonly FileStream _file;
        private bool _disposed;
        private bool _completed;

        internal Writer(string path, RowFormat format, Schema schema, long? length)
        {
            _path = path;
            _format = format;
            string partial = path + PartialSuffix;
            try
            {
                if (length is not null && !File.Exists(partial) && File.Exists(path))
                {
                    // The run had ended when it was lost; what it goes on with is the end of an unfinished file again.
                    File.Move(path, partial);
                }

                if (length is not null && !File.Exists(partial))
                {
                    throw new StageFailedException($"cannot resume: there is neither {partial} nor {path}, and the snapshot was taken when {length} bytes were written");
                }

                _file = new FileStream(
                    partial, length is null ? FileMode.Create : FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
                if (length is { } kept)
                {
                    if (_file.Length < kept)
                    {
                        long found = _file.Length;
                        _file.Dispose();
                        throw new StageFailedException(
                            $"cannot resume: {partial} has {found} bytes and the snapshot was taken at {kept}, so it was cut, removed or replaced");
                    }

                    _file.SetLength(kept);
                    _file.Seek(0, SeekOrigin.End);
                }
                else
                {
                    format.WriteHeader(schema, _buffer);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new StageFailedException($"cannot write {partial}: {failure.Message}", failure);
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

        // People follow files of endless jobs: what is complete is seen.
        public void CloseRound(Round round, Watermark watermark) => Flush();

        public void Complete()
        {
            Flush();
            Try(() =>
            {
                _file.Flush(flushToDisk: true);
                File.Move(_path + PartialSuffix, _path, overwrite: true);
            });
            _completed = true;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            Flush();
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _file.Position);
            writer.Advance(sizeof(long));
        }

        public void MakeDurable()
        {
            if (!Volatile.Read(ref _disposed) && !Volatile.Read(ref _completed))
            {
                Try(() => RandomAccess.FlushToDisk(_file.SafeFileHandle));
            }
        }

        public void Dispose()
        {
            Volatile.Write(ref _disposed, true);
            _file.Dispose();
        }

        private void Flush()
        {
            if (_buffer.WrittenCount > 0)
            {
                Try(() => _file.Write(_buffer.WrittenSpan));
                _buffer.ResetWrittenCount();
            }
        }

        private void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
            {
                // The last is what .NET makes of a file that may not grow further.
                throw new StageFailedException(
                    $"cannot write {_path}{PartialSuffix}: {failure.Message} What was written so far has the name with '{PartialSuffix}'.", failure);
            }
        }
    }
}
