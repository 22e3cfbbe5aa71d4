using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// A stream that may make its reader wait, read ahead by a thread of its own into a bounded buffer, so that who takes from
/// it never waits. Offsets go forward only.
/// </summary>
internal sealed class FeedBytes : InputBytes
{
    /// <summary>Bytes read ahead: some rounds' worth.</summary>
    private const int AheadBytes = 4 << 20;

    private readonly Stream _stream;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _room = new(0);
    private readonly SemaphoreSlim _more = new(0);
    private readonly byte[] _ring = new byte[AheadBytes];
    private long _written;
    private long _taken;
    private bool _ended;
    private bool _disposed;
    private Exception? _failure;

    public FeedBytes(Stream stream)
    {
        _stream = stream;
        new Thread(Pump) { IsBackground = true, Name = "standard input" }.Start();
    }

    /// <summary>Called, from the reading thread, when there is more.</summary>
    public Action? Arrived { get; set; }

    public override long StoredBytesRead => Interlocked.Read(ref _taken);

    public override bool Ended
    {
        get
        {
            lock (_lock)
            {
                return _ended && _taken == _written;
            }
        }
    }

    public override int Read(Span<byte> destination, long offset)
    {
        int count;
        lock (_lock)
        {
            if (offset != _taken)
            {
                throw new SourceFailedException($"standard input cannot be read again from byte {offset}");
            }

            count = (int)Math.Min(destination.Length, _written - _taken);
            if (count == 0 && _failure is not null)
            {
                throw new SourceFailedException($"standard input cannot be read: {_failure.Message}", _failure);
            }

            int at = (int)(_taken % AheadBytes);
            int first = Math.Min(count, AheadBytes - at);
            _ring.AsSpan(at, first).CopyTo(destination);
            _ring.AsSpan(0, count - first).CopyTo(destination[first..]);
            _taken += count;
        }

        _room.Release();
        return count;
    }

    public override void WaitForMore() => _more.Wait();

    /// <summary>Lets the reading thread end at its next step; a read that hangs is left to the process's end.</summary>
    public override void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _room.Release();
    }

    private void Pump()
    {
        while (true)
        {
            int at;
            int room;
            lock (_lock)
            {
                if (_disposed || _ended)
                {
                    return;
                }

                at = (int)(_written % AheadBytes);
                room = (int)Math.Min(AheadBytes - (_written - _taken), AheadBytes - at);
            }

            if (room == 0)
            {
                _room.Wait();
                continue;
            }

            int read = 0;
            Exception? failure = null;
            try
            {
                read = _stream.Read(_ring, at, room);
            }
            catch (Exception e)
            {
                failure = e;
            }

            lock (_lock)
            {
                _written += read;
                _ended = read == 0;
                _failure = failure;
            }

            _more.Release();
            Arrived?.Invoke();
        }
    }
}
