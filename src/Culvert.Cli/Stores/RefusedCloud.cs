using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>Stands for a cloud whose credentials are not there: every call is refused, and the others do without it.</summary>
internal sealed class RefusedCloud(string name, string message) : ICloud
{
    public string Name => name;

    public CloudTraits Traits => default;

    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => Refuse<CloudDone>();

    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) => Refuse<CloudListing>();

    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) => Refuse<CloudRead>();

    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) => Refuse<CloudDone>();

    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => Refuse<CloudDone>();

    private ValueTask<CloudOutcome<T>> Refuse<T>() => ValueTask.FromResult<CloudOutcome<T>>(new CloudFailure(CloudFailureKind.Refused, message));
}
