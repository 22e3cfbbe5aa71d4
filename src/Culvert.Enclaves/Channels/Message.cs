using System.Buffers;

namespace Culvert.Enclaves;

/// <summary>
/// The bytes of one message, in private memory: nobody else can change them any more. Has one owner at a time, who
/// disposes it once; the memory then goes to the next message. Not thread safe.
/// </summary>
public sealed class Message : IDisposable
{
    /// <summary>Longer ones are not kept for reuse: a pool rounds up to powers of two.</summary>
    private const int PooledBytesMax = 16 << 20;

    private readonly int _length;
    private readonly bool _pooled;
    private byte[]? _buffer;

    private Message(int length)
    {
        _length = length;
        _pooled = length <= PooledBytesMax;
        _buffer = _pooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>How many bytes it has.</summary>
    public int Length => _length;

    /// <summary>The bytes; valid until it is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, _length);

    /// <summary>The bytes; valid until it is disposed.</summary>
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, _length);

    /// <summary>To be filled by a channel, before anyone else has it.</summary>
    internal Span<byte> Writable => Buffer.AsSpan(0, _length);

    private byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(Message));

    /// <summary>A message with a copy of bytes: <paramref name="head"/>, then <paramref name="body"/>.</summary>
    public static Message CopyOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        Message message = new(head.Length + body.Length);
        head.CopyTo(message.Writable);
        body.CopyTo(message.Writable[head.Length..]);
        return message;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[]? buffer = _buffer;
        _buffer = null;
        if (buffer is not null && _pooled)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One whose bytes are not set yet; the length was checked by the caller.</summary>
    internal static Message OfLength(int length) => new(length);
}
