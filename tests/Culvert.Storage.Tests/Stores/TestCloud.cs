namespace Culvert.Storage.Tests;

/// <summary>A cloud in memory whose objects a test may look at and change, and that answers as the test says. Calls end at once.</summary>
internal sealed class TestCloud(string name) : ICloud
{
    private readonly Lock _lock = new();

    internal SortedDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Given a call's name and object, what it fails with; or null.</summary>
    internal Func<string, string, CloudFailure?> Fail { get; set; } = (_, _) => null;

    /// <summary>What becomes of an object's bytes on their way to a reader.</summary>
    internal Func<string, byte[], byte[]?> Serve { get; set; } = (_, bytes) => bytes;

    /// <summary>What becomes of a list.</summary>
    internal Func<string, IEnumerable<string>, IEnumerable<string>> Tell { get; set; } = (_, names) => names;

    /// <summary>Puts that are confirmed and not done.</summary>
    internal Func<string, bool> Forget { get; set; } = _ => false;

    /// <summary>Awaited before each call.</summary>
    internal Func<string, string, Task> Wait { get; set; } = (_, _) => Task.CompletedTask;

    internal List<string> Calls { get; } = [];

    internal bool IsDown
    {
        set => Fail = value ? (_, _) => new CloudFailure(CloudFailureKind.Unavailable, $"{Name} is down") : (_, _) => null;
    }

    public string Name => name;

    public CloudTraits Traits => new(ConditionalPut: true);

    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) =>
        await BeginAsync("create", "") is { } failure ? failure : default(CloudDone);

    public async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        if (await BeginAsync("list", prefix) is { } failure)
        {
            return failure;
        }

        lock (_lock)
        {
            string[] names = [.. Tell(prefix, Objects.Keys.Where(o => o.StartsWith(prefix, StringComparison.Ordinal)))
                .Where(o => string.CompareOrdinal(o, after) > 0)];
            return new CloudListing(
                [.. names.Take(CloudLimits.ListEntriesMax).Select(o => new CloudEntry(o, Objects.GetValueOrDefault(o)?.Length ?? 0))],
                names.Length > CloudLimits.ListEntriesMax);
        }
    }

    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(string objectName, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (await BeginAsync("get", objectName) is { } failure)
        {
            return failure;
        }

        lock (_lock)
        {
            if (!Objects.TryGetValue(objectName, out byte[]? held) || Serve(objectName, held) is not { } bytes)
            {
                return new CloudFailure(CloudFailureKind.Absent, $"{Name} has no {objectName}");
            }

            int count = (int)Math.Min(destination.Length, Math.Max(0, bytes.Length - offset));
            bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(destination);
            return new CloudRead(count, bytes.Length);
        }
    }

    public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string objectName, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        if (await BeginAsync("put", objectName) is { } failure)
        {
            return failure;
        }

        lock (_lock)
        {
            if (condition == PutCondition.IfAbsent && Objects.ContainsKey(objectName))
            {
                return new CloudFailure(CloudFailureKind.Exists, $"{Name} has {objectName}");
            }

            if (!Forget(objectName))
            {
                Objects[objectName] = content.ToArray();
            }

            return default(CloudDone);
        }
    }

    public async ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string objectName, CancellationToken cancellationToken)
    {
        if (await BeginAsync("remove", objectName) is { } failure)
        {
            return failure;
        }

        lock (_lock)
        {
            Objects.Remove(objectName);
            return default(CloudDone);
        }
    }

    private async ValueTask<CloudFailure?> BeginAsync(string call, string what)
    {
        await Wait(call, what);
        lock (_lock)
        {
            Calls.Add($"{call} {what}");
        }

        return Fail(call, what);
    }
}
