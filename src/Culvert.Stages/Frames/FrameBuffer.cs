using System.Buffers;
using Culvert.Sealing;

namespace Culvert.Stages;

/// <summary>
/// Memory in which one frame after another is made: a payload is written behind the place of its header, and sealed where
/// it lies. It grows to the longest frame so far, and keeps that.
/// </summary>
internal sealed class FrameBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[4096];
    private int _length = FrameFormat.PayloadOffset;

    /// <summary>Bytes of the payload so far.</summary>
    internal int PayloadBytes => _length - FrameFormat.PayloadOffset;

    /// <summary>The memory of a frame with the payload so far.</summary>
    internal Memory<byte> Frame(bool isSealed)
    {
        int length = FrameFormat.FrameBytes(PayloadBytes, isSealed);
        Reserve(length - _length);
        return _bytes.AsMemory(0, length);
    }

    /// <summary>Begins the next frame.</summary>
    internal void Clear() => _length = FrameFormat.PayloadOffset;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsSpan(_length);
    }

    private void Reserve(int count)
    {
        if (count > _bytes.Length - _length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max((long)_length + count, _bytes.Length * 2L), Array.MaxLength));
        }
    }
}
