using System.Collections.Concurrent;

namespace Culvert.Storage.Tests;

/// <summary>The faults of <see cref="FaultyProxy"/> before a cloud that is no server.</summary>
public sealed class FaultyCloud(ICloud inner, IClock clock) : ICloud
{
    private readonly ConcurrentDictionary<string, (byte[] Oldest, byte[] Newest)> _seen = new(StringComparer.Ordinal);

    public string Name => inner.Name;

    public CloudTraits Traits => inner.Traits;

    /// <summary>What it does wrong.</summary>
    public CloudFault Fault { get; set; }

    /// <summary>How long it waits with <see cref="CloudFault.Slow"/>.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(30);

    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) =>
        await FailAsync(cancellationToken) ?? await inner.CreateAsync(cancellationToken);

    public async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        if (await FailAsync(cancellationToken) is { } failure)
        {
            return failure;
        }

        CloudOutcome<CloudListing> listed = await inner.ListAsync(prefix, after, cancellationToken);
        if (!listed.Succeeded || listed.Value.Entries.Count == 0)
        {
            return listed;
        }

        CloudEntry first = listed.Value.Entries[0];
        IReadOnlyList<CloudEntry> entries = Fault switch
        {
            CloudFault.ListMissing => [.. listed.Value.Entries.Skip(1)],
            CloudFault.ListTwice => [first, .. listed.Value.Entries],
            CloudFault.ListExtra => [first, first with { Name = first.Name + "-extra" }, .. listed.Value.Entries.Skip(1)],
            _ => listed.Value.Entries,
        };
        return Fault is CloudFault.Cutting or CloudFault.Mute or CloudFault.Flooding or CloudFault.Babbling
            ? Failed(Fault is CloudFault.Cutting or CloudFault.Mute ? CloudFailureKind.Unavailable : CloudFailureKind.Malformed)
            : listed.Value with { Entries = entries };
    }

    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (await FailAsync(cancellationToken) is { } failure)
        {
            return failure;
        }

        switch (Fault)
        {
            case CloudFault.Losing:
                return Failed(CloudFailureKind.Absent);
            case CloudFault.Stale when _seen.TryGetValue(name, out (byte[] Oldest, byte[] Newest) seen):
                return Serve(seen.Oldest, offset, destination);
            case CloudFault.Swapping when _seen.Where(item => item.Key != name).OrderBy(item => item.Key, StringComparer.Ordinal)
                .Select(item => item.Value.Newest).FirstOrDefault() is { } other:
                return Serve(other, offset, destination);
        }

        CloudOutcome<CloudRead> read = await inner.GetAsync(name, offset, destination, cancellationToken);
        if (Fault is CloudFault.Cutting or CloudFault.Mute)
        {
            return Failed(CloudFailureKind.Unavailable);
        }

        if (Fault == CloudFault.Flipping && read.Succeeded && read.Value.Bytes > 0)
        {
            destination.Span[read.Value.Bytes / 2] ^= 0x10;
        }

        return read;
    }

    public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        if (await FailAsync(cancellationToken) is { } failure)
        {
            return failure;
        }

        if (Fault is CloudFault.Full or CloudFault.Forgetting or CloudFault.Cutting)
        {
            return Fault == CloudFault.Forgetting
                ? default(CloudDone)
                : Failed(Fault == CloudFault.Full ? CloudFailureKind.Full : CloudFailureKind.Unavailable);
        }

        CloudOutcome<CloudDone> stored = await inner.PutAsync(name, content, condition, cancellationToken);
        if (stored.Succeeded)
        {
            byte[] copy = content.ToArray();
            _seen.AddOrUpdate(name, _ => (copy, copy), (_, old) => (old.Oldest, copy));
        }

        return Fault == CloudFault.Mute ? Failed(CloudFailureKind.Unavailable) : stored;
    }

    public async ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        if (await FailAsync(cancellationToken) is { } failure)
        {
            return failure;
        }

        CloudOutcome<CloudDone> removed = await inner.RemoveAsync(name, cancellationToken);
        return Fault == CloudFault.Mute ? Failed(CloudFailureKind.Unavailable) : removed;
    }

    private async ValueTask<CloudFailure?> FailAsync(CancellationToken cancellationToken)
    {
        if (Fault == CloudFault.Slow)
        {
            await clock.Delay(Delay, cancellationToken);
        }

        return Fault switch
        {
            CloudFault.Down => Failed(CloudFailureKind.Unavailable),
            CloudFault.Refusing => Failed(CloudFailureKind.Refused),
            CloudFault.Babbling or CloudFault.Flooding => Failed(CloudFailureKind.Malformed),
            _ => null,
        };
    }

    private CloudFailure Failed(CloudFailureKind kind) => new(kind, $"{Name}: {Fault}");

    private static CloudRead Serve(byte[] content, long offset, Memory<byte> destination)
    {
        int start = (int)Math.Min(offset, content.Length);
        int bytes = Math.Min(destination.Length, content.Length - start);
        content.AsSpan(start, bytes).CopyTo(destination.Span);
        return new CloudRead(bytes, content.Length);
    }
}
