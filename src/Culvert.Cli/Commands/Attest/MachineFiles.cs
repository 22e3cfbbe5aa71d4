using Culvert.Attestation;

namespace Culvert.Cli.Commands.Attest;

/// <summary>This machine's special files.</summary>
internal sealed class MachineFiles : IHostFiles
{
    public bool HasFolder(string path) => Directory.Exists(path);

    public bool HasFile(string path) => File.Exists(path);

    public Outcome<bool> MakeFolder(string path) => Try(path, () =>
    {
        if (Directory.Exists(path))
        {
            throw new IOException("it is there already: another collection is going on");
        }

        Directory.CreateDirectory(path);
        return true;
    });

    public Outcome<bool> RemoveFolder(string path) => Try(path, () =>
    {
        Directory.Delete(path);
        return true;
    });

    public Outcome<byte[]> Read(string path, int bytesMax) => Try(path, () =>
    {
        // Special files do not know their length, so one byte more than allowed is asked for.
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] buffer = new byte[bytesMax + 1];
        int read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return read <= bytesMax ? buffer[..read] : throw new IOException($"over {bytesMax} bytes");
    });

    public Outcome<bool> Write(string path, ReadOnlySpan<byte> content)
    {
        byte[] copy = content.ToArray();
        return Try(path, () =>
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(copy);
            return true;
        });
    }

    private static Outcome<T> Try<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{path}: {e.Message}");
        }
    }
}
