namespace Culvert.Attestation;

/// <summary>A log that lasts as long as its process: for a broker that serves one run, beside it.</summary>
public sealed class MemoryReleaseLog : IReleaseLog
{
    /// <inheritdoc/>
    public ReleaseTotals Read() => new();

    /// <inheritdoc/>
    public ValueTask<Failure?> AppendAsync(ReleaseRecord record, CancellationToken cancellationToken) => default;
}
