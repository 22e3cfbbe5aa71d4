namespace Culvert.Benchmarks.Clouds;

/// <summary>A source of so many bytes: a block of noise, again and again, so that it costs a copy and no more.</summary>
internal sealed class EndlessNoise(long bytes) : Stream
{
    private static readonly byte[] s_block = MakeBlock();

    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => bytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int from = (int)(_position % s_block.Length);
        int count = (int)Math.Min(Math.Min(buffer.Length, s_block.Length - from), bytes - _position);
        s_block.AsSpan(from, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte[] MakeBlock()
    {
        byte[] block = new byte[4 << 20];
        new Random(20).NextBytes(block);
        return block;
    }
}
