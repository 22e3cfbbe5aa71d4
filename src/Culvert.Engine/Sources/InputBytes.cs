using Culvert.Stages;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Engine;

/// <summary>The (decompressed) bytes of one file, by offset. Not thread safe.</summary>
internal abstract class InputBytes : IDisposable
{
    /// <summary>
    /// Reads at an offset, which for a compressed file had better not lie before the last one; 0 at the end, or, where
    /// <see cref="Ended"/> is false, when there is nothing yet.
    /// </summary>
    public abstract int Read(Span<byte> destination, long offset);

    /// <summary>Whether a read of nothing means the end.</summary>
    public virtual bool Ended => true;

    /// <summary>Blocks until there is something to read or the end; for the head of standard input only.</summary>
    public virtual void WaitForMore()
    {
    }

    /// <summary>How far the stored file has been read.</summary>
    public abstract long StoredBytesRead { get; }

    public abstract void Dispose();

    public static InputBytes Open(InputFile file) =>
        file.Feed is { } feed ? feed : file.Compressed ? new GzipBytes(file) : new PlainBytes(file);
}

/// <summary>A plain file, no further than it was long when the run began unless it is followed.</summary>
internal sealed class PlainBytes(InputFile file) : InputBytes
{
    private readonly SafeFileHandle _handle = InputFile.OpenHandle(file.Path);
    private long _read;

    public override long StoredBytesRead => _read;

    public override int Read(Span<byte> destination, long offset)
    {
        int wanted = file.Growing ? destination.Length : (int)Math.Min(destination.Length, file.Length - offset);
        if (wanted <= 0)
        {
            return 0;
        }

        int read;
        try
        {
            read = RandomAccess.Read(_handle, destination[..wanted], offset);
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"{file.Path}: cannot be read at byte {offset}: {e.Message}", e);
        }

        if (file.Growing ? read == 0 && RandomAccess.GetLength(_handle) < offset : read == 0)
        {
            throw new SourceFailedException($"{file.Path}: ends before byte {offset}, but was longer when the run began: it was cut while it was read");
        }

        _read = Math.Max(_read, offset + read);
        return read;
    }

    public override bool Ended => !file.Growing;

    public override void Dispose() => _handle.Dispose();
}
