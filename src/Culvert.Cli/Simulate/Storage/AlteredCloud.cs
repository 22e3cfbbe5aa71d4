using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>A cloud as a flawed client sees it; what is not overridden is right.</summary>
internal abstract class AlteredCloud(ICloud inner) : ICloud
{
    public string Name => Inner.Name;

    public CloudTraits Traits => Inner.Traits;

    protected ICloud Inner => inner;

    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => Inner.CreateAsync(cancellationToken);

    public virtual ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
        Inner.ListAsync(prefix, after, cancellationToken);

    public virtual ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        Inner.GetAsync(name, offset, destination, cancellationToken);

    public virtual ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
        Inner.PutAsync(name, content, condition, cancellationToken);

    public virtual ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => Inner.RemoveAsync(name, cancellationToken);
}
