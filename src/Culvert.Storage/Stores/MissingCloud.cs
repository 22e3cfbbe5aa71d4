namespace Culvert.Storage;

/// <summary>Stands for a cloud that the store's configuration names and the client's does not: every call is refused.</summary>
internal sealed class MissingCloud(CloudPlace place) : ICloud
{
    public string Name => place.Name;

    public CloudTraits Traits => default;

    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => Refuse<CloudDone>();

    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) => Refuse<CloudListing>();

    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) => Refuse<CloudRead>();

    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) => Refuse<CloudDone>();

    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => Refuse<CloudDone>();

    private ValueTask<CloudOutcome<T>> Refuse<T>() => ValueTask.FromResult<CloudOutcome<T>>(new CloudFailure(
        CloudFailureKind.Refused, $"the store's configuration names the cloud {place.Name} ({place.Location}), and this client's does not: add it"));
}
