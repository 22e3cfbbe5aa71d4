using System.Collections.Concurrent;

namespace Culvert.Storage;

/// <summary>
/// A store as blobs, for the engine's snapshots: each blob is a unit of which one version is kept; a deleted one leaves nothing,
/// since names of snapshots do not come again and what is in them is sealed and placed by itself. What was read or written
/// once is known: reading it in parts asks the clouds for its metadata once. Thread safe.
/// A store's failures are thrown as <see cref="IOException"/>, or <see cref="InvalidDataException"/> where clouds hold something wrong.
/// </summary>
/// <param name="store">The store; stays the caller's.</param>
/// <param name="unitPrefix">Begins the units' names, such as <c>jobs/grid/</c>; may be empty.</param>
public sealed class StoreBlobs(Store store, string unitPrefix) : IBlobs
{
    /// <summary>Metadata kept.</summary>
    private const int KnownMax = 1024;

    private readonly ConcurrentDictionary<string, UnitMetadata> _known = new(StringComparer.Ordinal);
    private volatile KeptChunk? _chunk;

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using MemoryStream stream = new(content.ToArray(), writable: false);
        _known.TryRemove(name, out _);
        ValueOf(await store.PutAsync(unitPrefix + name, stream, new PutOptions { Keep = 1, Resume = false }, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken)
    {
        _known.TryRemove(name, out _);
        return (await FindAsync(name, cancellationToken).ConfigureAwait(false))?.Newest!.Bytes;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (bool isKnown = _known.ContainsKey(name); ; isKnown = false)
        {
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { } record)
            {
                return 0;
            }

            Outcome<int> read = await ReadAsync(record, offset, destination, cancellationToken).ConfigureAwait(false);
            if (read.Succeeded || !isKnown)
            {
                return ValueOf(read);
            }

            // Replaced since it was looked up: once more, from the clouds.
            _known.TryRemove(name, out _);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> units = ValueOf(await store.ListAsync(unitPrefix + prefix, cancellationToken).ConfigureAwait(false));
        return [.. units.Select(unit => unit[unitPrefix.Length..])];
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        _known.TryRemove(name, out _);
        ValueOf(await store.RemoveAsync(unitPrefix + name, purge: true, null, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<UnitMetadata?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(name, out UnitMetadata? known))
        {
            return known;
        }

        Outcome<UnitMetadata> record = await store.RecordAsync(unitPrefix + name, cancellationToken).ConfigureAwait(false);
        if (!record.Succeeded && record.Failure.Kind == FailureKind.Missing)
        {
            return null;
        }

        if (_known.Count >= KnownMax)
        {
            _known.Clear();
        }

        return _known[name] = ValueOf(record);
    }

    /// <summary>Reads by whole chunks, and keeps the last one: who reads a blob in small parts gets each chunk once.</summary>
    private async ValueTask<Outcome<int>> ReadAsync(UnitMetadata record, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int chunkBytes = record.Descriptor!.ChunkBytes;
        int done = 0;
        while (done < destination.Length && offset + done < record.Newest!.Bytes)
        {
            int chunk = (int)((offset + done) / chunkBytes);
            KeptChunk? kept = _chunk;
            if (kept is null || kept.Chunk != chunk || kept.Value != record.Newest.Value)
            {
                byte[] plain = new byte[record.Descriptor.PlainBytes(chunk)];
                Outcome<int> read = await store.ReadAsync(record, (long)chunk * chunkBytes, plain, cancellationToken).ConfigureAwait(false);
                if (!read.Succeeded)
                {
                    return read;
                }

                _chunk = kept = new KeptChunk(record.Newest.Value, chunk, plain);
            }

            int from = (int)(offset + done - ((long)chunk * chunkBytes));
            int count = Math.Min(kept.Plain.Length - from, destination.Length - done);
            kept.Plain.AsMemory(from, count).CopyTo(destination[done..]);
            done += count;
        }

        return done;
    }

    private static T ValueOf<T>(Outcome<T> outcome) => outcome.Succeeded ? outcome.Value
        : outcome.Failure.Kind == FailureKind.Integrity ? throw new InvalidDataException(outcome.Failure.Message)
        : throw new IOException(outcome.Failure.Message);

    private sealed record KeptChunk(ValueId Value, int Chunk, byte[] Plain);
}
