using Culvert.Engine;

namespace Culvert.Cli.Output;

/// <summary>A file that has its name only when it is whole: what is written before is called <c>.partial</c>.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly bool _isDevice;
    private readonly FileStream _stream;

    /// <summary>Begins the file. A folder that is not there and the like throw <see cref="CommandFailedException"/>.</summary>
    internal OutputFile(string path)
    {
        (_path, _isDevice) = (path, IsDevice(path));
        try
        {
            _stream = _isDevice ? OpenDevice(path) : new FileStream(Partial, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {path}: {failure.Message}", failure);
        }
    }

    internal Stream Stream => _stream;

    private string Partial => _path + FileSinkSpec.PartialSuffix;

    /// <summary>Whether a path leads to something that is not a file, such as <c>/dev/null</c>.</summary>
    internal static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal);

    internal static FileStream OpenDevice(string path) => new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Writes to it; a disk that is full and the like throw <see cref="CommandFailedException"/>.</summary>
    internal void Write(Action<Stream> write)
    {
        try
        {
            write(_stream);
        }
        catch (Exception failure) when (failure is IOException or ArgumentOutOfRangeException)
        {
            // The last is what .NET makes of a file that may not grow further.
            throw new CommandFailedException(ExitCode.Failed, $"cannot write to {_path}: {failure.Message}", failure);
        }
    }

    /// <summary>All is written: gives the file its name.</summary>
    internal void Complete()
    {
        try
        {
            _stream.Flush();
            _stream.Dispose();
            if (!_isDevice)
            {
                File.Move(Partial, _path, overwrite: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {_path}: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // Whoever writes has been told already; this is the rest of the buffer.
        }
    }
}
