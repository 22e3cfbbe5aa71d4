using System.Buffers;

namespace Culvert.Stages;

/// <summary>Bytes that are appended to and used again: keys and states on their way into a table.</summary>
internal sealed class ByteBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[256];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    internal Span<byte> WritableSpan => _bytes.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    /// <summary>Room for exactly <paramref name="count"/> bytes, which count as written.</summary>
    internal Span<byte> Append(int count)
    {
        if (count > _bytes.Length - Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Length + count), _bytes.Length * 2));
        }

        Span<byte> room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }

    internal void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - Length < needed)
        {
            Array.Resize(ref _bytes, Math.Max(checked(Length + needed), _bytes.Length * 2));
        }
    }
}
