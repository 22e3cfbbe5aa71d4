using System.Buffers;
using System.Buffers.Binary;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A sealed file of rows, exactly once, sealed in this process: named as <see cref="FileSinkSpec"/> names its files. One
/// partition, one strand.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="job">The job's name, which the header says to key holders.</param>
/// <param name="owner">Gives the owner's secret when the sink is opened; it is disposed then.</param>
/// <param name="entropy">Where stream id and salts come from.</param>
/// <param name="coverage">What the end says, asked for when all is written; default: complete, and nothing about inputs.</param>
public sealed class SealedFileSinkSpec(string path, string job, Func<Secret> owner, IEntropy entropy, Func<SealedCoverage>? coverage = null) : SinkSpec, IOpenableSink
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <inheritdoc/>
    public override string Canonical => "file sealed";

    /// <inheritdoc/>
    public string Form => "file sealed";

    /// <inheritdoc/>
    public override string Description => $"sealed {Path}";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position)
    {
        using Secret secret = owner();
        return position.IsEmpty ? Begin(schema, secret) : Resume(schema, secret, position);
    }

    private readonly Func<SealedCoverage>? _coverage = coverage;

    private string Partial => Path + FileSinkSpec.PartialSuffix;

    private Writer Begin(Schema schema, Secret secret)
    {
        StreamId stream = SealedFileHeader.NewStream(entropy);
        using Secret key = KeySchedule.FileKey(secret, stream);
        SealedFileHeader header = SealedFileHeader.Seal(
            key, stream, KeySchedule.KeyId(secret), 1, SealedRowsWriter.Contents(SealedFileKind.Result, job, schema), entropy);
        FileStream file = Try(() => new FileStream(Partial, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        Try(() =>
        {
            file.Write(header.Bytes.Span);
            return true;
        });
        return new Writer(this, file, schema, new SealedStrandWriter(key, header, 0, entropy));
    }

    private Writer Resume(Schema schema, Secret secret, ReadOnlySpan<byte> position)
    {
        long length = position.Length < sizeof(long) ? -1 : BinaryPrimitives.ReadInt64LittleEndian(position);
        if (!File.Exists(Partial) && File.Exists(Path))
        {
            // The run had ended when it was lost; what it goes on with is the end of an unfinished file again.
            Try(() =>
            {
                File.Move(Path, Partial);
                return true;
            });
        }

        if (!File.Exists(Partial))
        {
            throw new StageFailedException($"cannot resume: there is neither {Partial} nor {Path}, and the snapshot was taken when {length} bytes were written");
        }

        FileStream file = Try(() => new FileStream(Partial, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0));
        try
        {
            if (length < SealedFileHeader.FixedBytes || file.Length < length)
            {
                throw new StageFailedException($"cannot resume: {Partial} has {file.Length} bytes and the snapshot was taken at {length}, so it was cut, removed or replaced");
            }

            SealedFileHeader header = Checked(Try(() => SealedFileIndex.ReadHeader(Partial, file)));
            using SealedFileOpener opener = Checked(SealedFileOpener.OpenAsOwner(Partial, secret, header));
            using Secret key = KeySchedule.FileKey(secret, header.Stream);
            SealedStrandWriter strand = Checked(SealedStrandWriter.Resume(key, header, 0, entropy, position[sizeof(long)..]));
            Try(() =>
            {
                file.SetLength(length);
                return file.Seek(0, SeekOrigin.End);
            });
            return new Writer(this, file, schema, strand);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private T Try<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last is what .NET makes of a file that may not grow further.
            throw new StageFailedException($"cannot write {Partial}: {failure.Message} What was written so far has the name with '{FileSinkSpec.PartialSuffix}'.", failure);
        }
    }

    private static T Checked<T>(Outcome<T> outcome) =>
        outcome.Succeeded ? outcome.Value : throw new StageFailedException($"cannot resume: {outcome.Failure.Message}");

    private sealed class Writer : ISinkWriter
    {
        private readonly SealedFileSinkSpec _spec;
        private readonly FileStream _file;
        private readonly SealedRowsWriter _rows;
        private bool _disposed;
        private bool _completed;

        internal Writer(SealedFileSinkSpec spec, FileStream file, Schema schema, SealedStrandWriter strand)
        {
            (_spec, _file) = (spec, file);
            _rows = new SealedRowsWriter(schema, strand, block => spec.Try(() =>
            {
                file.Write(block.Span);
                return true;
            }));
        }

        public void Write(Batch batch, Round round) => _rows.Append(batch);

        // Rounds gather until there is a row group: nobody can read a file without its end with certainty anyway.
        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
            _rows.End(_spec._coverage?.Invoke() ?? new SealedCoverage());
            _spec.Try(() =>
            {
                _file.Flush(flushToDisk: true);
                File.Move(_spec.Partial, _spec.Path, overwrite: true);
                return true;
            });
            Volatile.Write(ref _completed, true);
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            _rows.Flush();
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _file.Position);
            writer.Advance(sizeof(long));
            _rows.Strand.Save(writer);
        }

        public void MakeDurable()
        {
            if (!Volatile.Read(ref _disposed) && !Volatile.Read(ref _completed))
            {
                _spec.Try(() =>
                {
                    RandomAccess.FlushToDisk(_file.SafeFileHandle);
                    return true;
                });
            }
        }

        public void Dispose()
        {
            Volatile.Write(ref _disposed, true);
            _rows.Dispose();
            _file.Dispose();
        }
    }
}
