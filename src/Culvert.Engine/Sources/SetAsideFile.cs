using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// Where one partition puts the rows it could not read. Its length is part of the partition's position, to which it is cut
/// back on resume, so that a row is in it once whatever happens.
/// </summary>
internal sealed class SetAsideFile : IDisposable
{
    private readonly string _path;
    private FileStream? _stream;
    private bool _dirty;

    public SetAsideFile(string path, PartitionId partition, long length)
    {
        string name = $"{System.IO.Path.GetFileNameWithoutExtension(path)}.p{partition.Value}{System.IO.Path.GetExtension(path)}";
        _path = System.IO.Path.Join(System.IO.Path.GetDirectoryName(path), name);
        Length = length;
        long there = File.Exists(_path) ? new FileInfo(_path).Length : 0;
        if (there < length)
        {
            throw new SourceFailedException($"{_path}: holds {there} bytes of rows set aside, but the run to be resumed had written {length}");
        }

        if (length > 0)
        {
            _stream = Open(FileMode.Open);
            _stream.SetLength(length);
            _stream.Position = length;
        }
        else
        {
            File.Delete(_path);
        }
    }

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> rows)
    {
        try
        {
            _stream ??= Open(FileMode.Create);
            _stream.Write(rows);
            Length += rows.Length;
            _dirty = true;
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"{_path}: rows cannot be set aside: {e.Message}", e);
        }
    }

    /// <summary>Makes what was written survive a crash.</summary>
    public void Flush()
    {
        if (_dirty)
        {
            _stream!.Flush(flushToDisk: true);
            _dirty = false;
        }
    }

    public void Dispose() => _stream?.Dispose();

    private FileStream Open(FileMode mode) => new(_path, mode, FileAccess.Write, FileShare.Read);
}
