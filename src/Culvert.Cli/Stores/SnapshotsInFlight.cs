using Culvert.Stages;

namespace Culvert.Cli.Stores;

/// <summary>
/// Blobs of snapshots, of which several are on their way at once: one after the other each would wait for two round trips to
/// clouds. A manifest goes out, or is removed, when nothing else is under way any more, so that what it names is there; what
/// went wrong before fails it, and all behind it: later snapshots refer to what earlier ones stored. Puts and removals of one name keep their order. Thread safe.
/// </summary>
/// <param name="blobs">Where they go; stays the caller's.</param>
internal sealed class SnapshotsInFlight(IBlobs blobs) : IBlobs, IDisposable
{
    /// <summary>How many are on their way: enough to hide round trips, and few enough that their contents fit into memory.</summary>
    private const int UnderWayMax = 8;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _room = new(UnderWayMax);
    private readonly Dictionary<string, (long Number, Task Work)> _underWay = new(StringComparer.Ordinal);
    private long _numbers;
    private Exception? _failure;

    /// <inheritdoc/>
    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (SnapshotWriter.IsManifest(name))
        {
            await SettleAsync().ConfigureAwait(false);
            await blobs.PutAsync(name, content, cancellationToken).ConfigureAwait(false);
            return;
        }

        // The caller has its buffer back when this returns.
        byte[] copy = content.ToArray();
        await BeginAsync(name, () => blobs.PutAsync(name, copy, CancellationToken.None), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (SnapshotWriter.IsManifest(name))
        {
            await SettleAsync().ConfigureAwait(false);
            await blobs.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            return;
        }

        await BeginAsync(name, () => blobs.DeleteAsync(name, CancellationToken.None), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken)
    {
        await SettleAsync().ConfigureAwait(false);
        return await blobs.LengthAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await SettleAsync().ConfigureAwait(false);
        return await blobs.ReadAsync(name, offset, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        await SettleAsync().ConfigureAwait(false);
        return await blobs.ListAsync(prefix, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for all that is under way, and throws what went wrong with any of it.</summary>
    internal async Task SettleAsync()
    {
        while (true)
        {
            Task[] underWay;
            lock (_lock)
            {
                if (_underWay.Count == 0)
                {
                    // It stays: a manifest must not go out behind it, whoever settled before.
                    if (_failure is not null)
                    {
                        throw new IOException(_failure.Message, _failure);
                    }

                    return;
                }

                underWay = [.. _underWay.Values.Select(one => one.Work)];
            }

            await Task.WhenAll(underWay).ConfigureAwait(false);
        }
    }

    /// <summary>Once nothing is under way any more.</summary>
    public void Dispose() => _room.Dispose();

    private async Task BeginAsync(string name, Func<ValueTask> work, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            long number = ++_numbers;
            _underWay[name] = (number, RunAsync(name, number, _underWay.GetValueOrDefault(name).Work, work));
        }
    }

    /// <summary>Never fails: what went wrong is kept for whoever settles.</summary>
    private async Task RunAsync(string name, long number, Task? before, Func<ValueTask> work)
    {
        // Out of the lock under which it is begun.
        await Task.Yield();
        try
        {
            if (before is not null)
            {
                await before.ConfigureAwait(false);
            }

            await work().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            lock (_lock)
            {
                _failure ??= failure;
            }
        }
        finally
        {
            lock (_lock)
            {
                if (_underWay.GetValueOrDefault(name).Number == number)
                {
                    _underWay.Remove(name);
                }
            }

            _room.Release();
        }
    }
}
