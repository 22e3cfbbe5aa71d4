using System.Runtime.InteropServices;

namespace Culvert.Cli.Output;

/// <summary>
/// Standard output or standard error as bytes. .NET's own console stream keeps silent when the reader has gone, so that a
/// program would go on making output for nobody; this one throws <see cref="BrokenPipeException"/>.
/// </summary>
internal sealed partial class DescriptorStream(int descriptor) : Stream
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const int BrokenPipe = 32; // EPIPE
    private const short PollOut = 4;

    internal static DescriptorStream StandardOutput { get; } = new(1);

    internal static DescriptorStream StandardError { get; } = new(2);

    /// <summary>Whether a person may be looking.</summary>
    internal bool IsTerminal { get; } = IsATerminal(descriptor) == 1;

    /// <summary>Held while it is written to.</summary>
    internal Lock WriteLock { get; } = new();

    /// <summary>Called before each write, under <see cref="WriteLock"/>.</summary>
    internal Action? BeforeWrite { get; set; }

    /// <summary>Called behind each write, under <see cref="WriteLock"/>.</summary>
    internal Action? AfterWrite { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (WriteLock)
        {
            BeforeWrite?.Invoke();
            WriteAll(buffer);
            AfterWrite?.Invoke();
        }
    }

    private unsafe void WriteAll(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = buffer)
            {
                written = WriteBytes(descriptor, bytes, buffer.Length);
            }

            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case Interrupted:
                    break;
                case TryAgain:
                    // Somebody has made the terminal or pipe non-blocking: wait for room.
                    PollEntry entry = new() { Descriptor = descriptor, Events = PollOut };
                    _ = Poll(&entry, 1, -1);
                    break;
                case BrokenPipe:
                    throw new BrokenPipeException();
                default:
                    throw new OutputFailedException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint WriteBytes(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollEntry* entries, nuint count, int timeoutMs);

    private struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Found;
    }
}
