using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>One sealed file of a run, opened, with the columns that are wanted of it.</summary>
internal sealed class SealedInputFile : IDisposable
{
    private SealedInputFile(string path, SealedFileReader reader, StoredColumns columns) => (Path, Reader, Columns) = (path, reader, columns);

    public string Path { get; }

    public SealedFileReader Reader { get; }

    public StoredColumns Columns { get; }

    /// <summary>Opens a file; failures throw <see cref="SourceFailedException"/>.</summary>
    public static SealedInputFile Open(string path, Secret owner, Schema? wanted)
    {
        FileStream stream = OpenStream(path);
        try
        {
            Outcome<SealedFileReader> reader = SealedFileReader.Open(path, stream, owner);
            if (!reader.Succeeded)
            {
                throw new SourceFailedException(reader.Failure.Message);
            }

            Outcome<Schema> schema = ColumnCodec.ReadTypes(reader.Value.Contents.ColumnNames, reader.Value.Contents.Schema.Span);
            if (!schema.Succeeded)
            {
                throw new SourceFailedException($"{path}: {schema.Failure.Message}");
            }

            Outcome<StoredColumns> columns = StoredColumns.Find(path, schema.Value, wanted ?? schema.Value);
            return columns.Succeeded
                ? new SealedInputFile(path, reader.Value, columns.Value)
                : throw new SourceFailedException(columns.Failure.Message);
        }
        catch (IOException e)
        {
            stream.Dispose();
            throw new SourceFailedException($"{path}: cannot be read: {e.Message}", e);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Another reader of the file, for another thread.</summary>
    public SealedFileReader Fork() => Reader.Fork(OpenStream(Path));

    public void Dispose() => Reader.Dispose();

    private static FileStream OpenStream(string path)
    {
        try
        {
            // No buffer: blocks are read whole columns at a time.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException e)
        {
            throw new SourceFailedException($"{path}: no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SourceFailedException($"{path}: cannot be opened: {e.Message}", e);
        }
    }
}
