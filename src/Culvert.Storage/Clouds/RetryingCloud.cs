using System.Buffers;

namespace Culvert.Storage;

/// <summary>
/// A driver made patient: every call has a time-out and is tried again while that may help (<see cref="CloudRetryOptions"/>), and
/// names and sizes are checked once, here, for every driver. Thread safe.
/// </summary>
/// <remarks>
/// A conditional put whose answer was lost may have stored the object; asked again the cloud then says that there is one. So after a
/// lost answer it is read back, and counts as stored when it is the same bytes. Content that two writers may choose alike (it never
/// is where names or contents hold the writer and a random number) cannot tell them which of both has won.
/// </remarks>
public sealed class RetryingCloud : ICloud, IDisposable
{
    private readonly ICloud _inner;
    private readonly CloudRetry _retry;

    /// <summary>Wraps a driver, which is disposed of with this.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RetryingCloud(ICloud inner, CloudRetryOptions options, IClock clock, IEntropy entropy) =>
        (_inner, _retry) = (inner, new CloudRetry(options, clock, entropy));

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public CloudTraits Traits => _inner.Traits;

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) =>
        _retry.RunAsync($"{Name}: create", 0, (_, cancel) => _inner.CreateAsync(cancel), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        CloudName.RequirePrefix(prefix);
        return _retry.RunAsync($"{Name}: list '{prefix}'", 0, (_, cancel) => _inner.ListAsync(prefix, after, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return _retry.RunAsync(
            $"{Name}: get '{name}'", destination.Length, (_, cancel) => _inner.GetAsync(name, offset, destination, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, CloudLimits.ObjectBytesMax);
        return _retry.RunAsync(
            $"{Name}: put '{name}'",
            content.Length,
            async (number, cancel) =>
            {
                CloudOutcome<CloudDone> outcome = await _inner.PutAsync(name, content, condition, cancel).ConfigureAwait(false);
                bool mayBeOurs = number > 1 && outcome.Failure?.Kind == CloudFailureKind.Exists;
                return mayBeOurs ? await ReadBackAsync(name, content, outcome, cancel).ConfigureAwait(false) : outcome;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        return _retry.RunAsync($"{Name}: remove '{name}'", 0, (_, cancel) => _inner.RemoveAsync(name, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => (_inner as IDisposable)?.Dispose();

    private async ValueTask<CloudOutcome<CloudDone>> ReadBackAsync(
        string name, ReadOnlyMemory<byte> content, CloudOutcome<CloudDone> exists, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(content.Length);
        try
        {
            CloudOutcome<CloudRead> read =
                await _inner.GetAsync(name, 0, buffer.AsMemory(0, content.Length), cancellationToken).ConfigureAwait(false);
            if (!read.Succeeded)
            {
                return read.Failure.Kind == CloudFailureKind.Absent ? exists : read.Failure;
            }

            bool isOurs = read.Value.ObjectBytes == content.Length && read.Value.Bytes == content.Length
                && buffer.AsSpan(0, content.Length).SequenceEqual(content.Span);
            return isOurs ? default(CloudDone) : exists;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
