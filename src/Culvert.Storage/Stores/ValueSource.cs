namespace Culvert.Storage;

/// <summary>A stream, cut into chunks: all have the full length but the last; of an empty stream there is one, empty.</summary>
internal sealed class ValueSource(Stream content, int chunkBytes)
{
    // Read to learn whether there is another chunk, and its first byte.
    private readonly byte[] _ahead = new byte[1];
    private byte[] _buffer = [];
    private int _bytes;

    /// <summary>The chunk; until the next is asked for.</summary>
    internal ReadOnlyMemory<byte> Chunk => _buffer.AsMemory(0, _bytes);

    /// <summary>Whether another one follows.</summary>
    internal bool HasMore { get; private set; }

    /// <summary>Bytes of the chunks so far.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Reads the first chunk.</summary>
    internal ValueTask FillAsync(CancellationToken cancellationToken) => ReadAsync(0, cancellationToken);

    /// <summary>Goes to the next chunk; false when there is none.</summary>
    internal async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (!HasMore)
        {
            return false;
        }

        _buffer[0] = _ahead[0];
        await ReadAsync(1, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Fills the chunk behind what it has already, in a buffer that grows with what there is, so that small values take little room.</summary>
    private async ValueTask ReadAsync(int has, CancellationToken cancellationToken)
    {
        const int FirstBytes = 64 << 10;
        _bytes = has;
        int read = 1;
        while (_bytes < chunkBytes && read > 0)
        {
            if (_bytes == _buffer.Length)
            {
                Array.Resize(ref _buffer, Math.Min(chunkBytes, _buffer.Length == 0 ? FirstBytes : _buffer.Length * 4));
            }

            read = await content.ReadAsync(_buffer.AsMemory(_bytes, Math.Min(_buffer.Length, chunkBytes) - _bytes), cancellationToken).ConfigureAwait(false);
            _bytes += read;
        }

        Bytes += _bytes;
        HasMore = read > 0 && await content.ReadAsync(_ahead, cancellationToken).ConfigureAwait(false) > 0;
    }
}
