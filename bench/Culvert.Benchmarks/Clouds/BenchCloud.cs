using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>
/// A cloud in memory that answers after a delay. Of blocks it may keep the lengths alone, so that what it costs to hold them does
/// not count. Thread safe.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="clock">Waits.</param>
/// <param name="delay">How long each call takes.</param>
/// <param name="keepsBlocks">Whether blocks can be read again.</param>
internal sealed class BenchCloud(string name, IClock clock, TimeSpan delay, bool keepsBlocks) : ICloud
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (long Bytes, byte[]? Content)> _objects = new(StringComparer.Ordinal);

    public string Name => name;

    public CloudTraits Traits => new(ConditionalPut: true);

    /// <summary>Bytes of all objects.</summary>
    internal long StoredBytes
    {
        get
        {
            lock (_lock)
            {
                return _objects.Values.Sum(held => held.Bytes);
            }
        }
    }

    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken).ConfigureAwait(false);
        return default(CloudDone);
    }

    public async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            CloudEntry[] entries = [.. _objects
                .Where(held => held.Key.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(held.Key, after) > 0))
                .Take(CloudLimits.ListEntriesMax + 1)
                .Select(held => new CloudEntry(held.Key, held.Value.Bytes))];
            return new CloudListing(entries[..Math.Min(entries.Length, CloudLimits.ListEntriesMax)], entries.Length > CloudLimits.ListEntriesMax);
        }
    }

    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken).ConfigureAwait(false);
        (long Bytes, byte[]? Content) held;
        lock (_lock)
        {
            if (!_objects.TryGetValue(name, out held) || held.Content is null)
            {
                return new CloudFailure(CloudFailureKind.Absent, $"{name} is not there");
            }
        }

        int count = (int)Math.Clamp(held.Bytes - offset, 0, destination.Length);
        held.Content.AsMemory((int)Math.Min(offset, held.Bytes), count).CopyTo(destination);
        return new CloudRead(count, held.Bytes);
    }

    public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken).ConfigureAwait(false);
        bool isKept = keepsBlocks || !name.Contains("/b/", StringComparison.Ordinal);
        byte[]? copy = isKept ? content.ToArray() : null;
        lock (_lock)
        {
            if (condition == PutCondition.IfAbsent && _objects.ContainsKey(name))
            {
                return new CloudFailure(CloudFailureKind.Exists, $"{name} is there");
            }

            _objects[name] = (content.Length, copy);
            return default(CloudDone);
        }
    }

    public async ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await TravelAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _objects.Remove(name);
            return default(CloudDone);
        }
    }

    private Task TravelAsync(CancellationToken cancellationToken) => delay == TimeSpan.Zero ? Task.CompletedTask : clock.Delay(delay, cancellationToken);
}
