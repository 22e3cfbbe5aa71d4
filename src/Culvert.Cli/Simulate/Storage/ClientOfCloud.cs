using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>One process's way to a cloud. Answers to a process that crashed are lost; what it asked for is done all the same.</summary>
internal sealed class ClientOfCloud(SimulatedCloud cloud, SimulatedNode node) : ICloud
{
    private static readonly CloudFailure s_stopped = new(CloudFailureKind.Unavailable, "the call was cancelled");

    public string Name => cloud.Name;

    public CloudTraits Traits => cloud.Traits;

    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) =>
        CallAsync<CloudDone>("create", "", () => default(CloudDone), cancellationToken);

    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
        CallAsync<CloudListing>(
            "list", prefix,
            () =>
            {
                List<(string Name, int Bytes)> honest = cloud.List(prefix, cloud.World.Now);
                IEnumerable<(string Name, int Bytes)> told = cloud.Lies is { } lies ? lies.List(prefix, honest).OrderBy(o => o.Name, StringComparer.Ordinal) : honest;
                CloudEntry[] all = [.. told.Where(o => after is null || string.CompareOrdinal(o.Name, after) > 0).Select(o => new CloudEntry(o.Name, o.Bytes))];
                return new CloudListing(all.Length > CloudLimits.ListEntriesMax ? all[..CloudLimits.ListEntriesMax] : all, all.Length > CloudLimits.ListEntriesMax);
            },
            cancellationToken);

    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        CallAsync<CloudRead>(
            "get", name,
            () =>
            {
                byte[]? bytes = cloud.Find(name);
                bytes = cloud.Lies is { } lies ? lies.Read(name, bytes) : bytes;
                if (bytes is null)
                {
                    return new CloudFailure(CloudFailureKind.Absent, $"{Name} has no {name}");
                }

                int count = (int)Math.Min(destination.Length, Math.Max(0, bytes.Length - offset));
                bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(destination);
                return new CloudRead(count, bytes.Length);
            },
            cancellationToken);

    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        byte[] bytes = content.ToArray();
        if (condition == PutCondition.Always || Traits.ConditionalPut)
        {
            return CallAsync<CloudDone>("put", name, () => Put(name, bytes, condition), cancellationToken);
        }

        // A driver without conditional puts looks first: a race can be lost between the two.
        return new ValueTask<CloudOutcome<CloudDone>>(LookAndPut());

        async Task<CloudOutcome<CloudDone>> LookAndPut()
        {
            CloudOutcome<CloudDone> look = await CallAsync<CloudDone>(
                "look", name, () => cloud.IsThere(name) ? Exists(name) : default(CloudDone), cancellationToken).ConfigureAwait(false);
            return look.Succeeded
                ? await CallAsync<CloudDone>("put", name, () => Put(name, bytes, PutCondition.Always), cancellationToken).ConfigureAwait(false)
                : look;
        }
    }

    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) =>
        CallAsync<CloudDone>(
            "remove", name,
            () =>
            {
                cloud.Store(name, null);
                return default(CloudDone);
            },
            cancellationToken);

    private CloudOutcome<CloudDone> Put(string name, byte[] bytes, PutCondition condition)
    {
        if (cloud.Lies?.RefusesPut() is { } refusal)
        {
            return refusal;
        }

        if (condition == PutCondition.IfAbsent && cloud.IsThere(name))
        {
            return Exists(name);
        }

        if (cloud.Lies?.Forgets() != true)
        {
            cloud.Store(name, bytes);
        }

        return default(CloudDone);
    }

    private CloudFailure Exists(string name) => new(CloudFailureKind.Exists, $"{Name} has {name}");

    private ValueTask<CloudOutcome<T>> CallAsync<T>(string what, string name, Func<CloudOutcome<T>> act, CancellationToken cancellationToken)
    {
        TaskCompletionSource<CloudOutcome<T>> done = new();
        if (cancellationToken.IsCancellationRequested)
        {
            return new ValueTask<CloudOutcome<T>>(Task.FromCanceled<CloudOutcome<T>>(cancellationToken));
        }

        long incarnation = node.Incarnation;
        cloud.World.After(cloud.OneWay(), () =>
        {
            CloudOutcome<T> outcome = cloud.Lies?.Refuses() is { } refusal ? refusal : act();
            cloud.World.Note(cloud.Name, $"{what} {name} for {node.Name}: {outcome.Failure?.Kind.ToString() ?? "done"}");
            cloud.World.After(cloud.OneWay(), () =>
            {
                if (node.Incarnation == incarnation)
                {
                    done.TrySetResult(outcome);
                }
            });
        });
        if (cancellationToken.CanBeCanceled)
        {
            // One way of stopping is as right as the other; an exception takes a hundred times as long.
            cancellationToken.Register(() => _ = cloud.ThrowsWhenStopped ? done.TrySetCanceled(cancellationToken) : done.TrySetResult(s_stopped));
        }

        return new ValueTask<CloudOutcome<T>>(done.Task);
    }
}
