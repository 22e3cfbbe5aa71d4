namespace Culvert.Storage;

/// <summary>
/// A caller's buffer, as long as the caller waits: a read that was left behind must not write into it later. Thread safe.
/// </summary>
internal sealed class LentBuffer(Memory<byte> buffer) : IDisposable
{
    private readonly Lock _lock = new();
    private Memory<byte>? _buffer = buffer;

    /// <summary>Its length.</summary>
    internal int Length { get; } = buffer.Length;

    /// <summary>Writes at an offset; false when the buffer was taken back.</summary>
    internal bool TryWrite(int offset, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_buffer is not { } lent)
            {
                return false;
            }

            bytes.CopyTo(lent.Span[offset..]);
            return true;
        }
    }

    /// <summary>Takes the buffer back.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _buffer = null;
        }
    }
}
