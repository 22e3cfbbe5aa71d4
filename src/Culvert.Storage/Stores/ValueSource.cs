namespace Culvert.Storage;

/// <summary>A stream, cut into chunks: all have the full length but the last; of an empty stream there is one, empty.</summary>
internal sealed class ValueSource(Stream content, int chunkBytes)
{
    private byte[] _current = [];
    private byte[] _next = [];
    private int _currentBytes;
    private int _nextBytes;

    /// <summary>The chunk; until the next is asked for.</summary>
    internal ReadOnlyMemory<byte> Chunk => _current.AsMemory(0, _currentBytes);

    /// <summary>Whether there is more than one.</summary>
    internal bool IsLong => _nextBytes > 0;

    /// <summary>Bytes of the chunks so far.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Reads the first chunk, and looks for a second.</summary>
    internal async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        (_current, _currentBytes) = await ReadAsync([], cancellationToken).ConfigureAwait(false);
        Bytes = _currentBytes;
        await LookAheadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes to the next chunk; false when there is none.</summary>
    internal async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (_nextBytes == 0)
        {
            return false;
        }

        (_current, _next) = (_next, _current);
        _currentBytes = _nextBytes;
        Bytes += _currentBytes;
        await LookAheadAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask LookAheadAsync(CancellationToken cancellationToken)
    {
        _nextBytes = 0;
        if (_currentBytes == chunkBytes)
        {
            (_next, _nextBytes) = await ReadAsync(_next, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Fills a buffer that grows with what there is, so that small values take little room.</summary>
    private async ValueTask<(byte[] Buffer, int Bytes)> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        const int FirstBytes = 64 << 10;
        int bytes = 0;
        while (bytes < chunkBytes)
        {
            if (bytes == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(chunkBytes, buffer.Length == 0 ? FirstBytes : buffer.Length * 4));
            }

            int read = await content.ReadAsync(buffer.AsMemory(bytes, Math.Min(buffer.Length, chunkBytes) - bytes), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            bytes += read;
        }

        return (buffer, bytes);
    }
}
