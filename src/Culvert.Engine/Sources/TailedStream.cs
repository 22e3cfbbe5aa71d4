namespace Culvert.Engine;

/// <summary>A stream, and then some bytes more; never both in one read.</summary>
internal sealed class TailedStream(Stream stream, byte[] tail) : Stream
{
    private int _served;

    /// <summary>Whether bytes of the tail were asked for.</summary>
    public bool TailBegun { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = TailBegun ? 0 : stream.Read(buffer);
        if (read > 0 || buffer.IsEmpty)
        {
            return read;
        }

        TailBegun = true;
        read = Math.Min(buffer.Length, tail.Length - _served);
        tail.AsSpan(_served, read).CopyTo(buffer);
        _served += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
