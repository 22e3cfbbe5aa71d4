using System.Collections.Concurrent;

namespace Culvert.Storage.Tests;

/// <summary>A cloud in memory, which does all that the port says. Its content can be looked at and changed behind its back.</summary>
public sealed class MemoryCloud(string name) : ICloud
{
    private readonly Lock _lock = new();
    private volatile bool _isThere;

    public string Name { get; } = name;

    public CloudTraits Traits => new(ConditionalPut: true);

    /// <summary>What is stored.</summary>
    public ConcurrentDictionary<string, byte[]> Content { get; } = new(StringComparer.Ordinal);

    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _isThere = true;
        return new(default(CloudDone));
    }

    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CloudEntry[] entries =
        [
            .. Content
                .Where(item => CloudName.IsSound(item.Key) && item.Key.StartsWith(prefix, StringComparison.Ordinal)
                    && (after is null || string.CompareOrdinal(item.Key, after) > 0))
                .Select(item => new CloudEntry(item.Key, item.Value.Length))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal),
        ];
        return new(_isThere
            ? new CloudListing([.. entries.Take(CloudLimits.ListEntriesMax)], entries.Length > CloudLimits.ListEntriesMax)
            : Absent("container"));
    }

    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Content.TryGetValue(name, out byte[]? content))
        {
            return new(Absent(name));
        }

        int start = (int)Math.Min(offset, content.Length);
        int bytes = Math.Min(destination.Length, content.Length - start);
        content.AsSpan(start, bytes).CopyTo(destination.Span);
        return new(new CloudRead(bytes, content.Length));
    }

    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!CloudName.IsSound(name))
        {
            throw new ArgumentException(name, nameof(name));
        }

        lock (_lock)
        {
            if (!_isThere)
            {
                return new(Absent("container"));
            }

            if (condition == PutCondition.IfAbsent && Content.ContainsKey(name))
            {
                return new(new CloudFailure(CloudFailureKind.Exists, $"{Name}: '{name}' is there already"));
            }

            Content[name] = content.ToArray();
            return new(default(CloudDone));
        }
    }

    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Content.TryRemove(name, out _);
        }

        return new(default(CloudDone));
    }

    private CloudFailure Absent(string what) => new(CloudFailureKind.Absent, $"{Name}: there is no {what}");
}
