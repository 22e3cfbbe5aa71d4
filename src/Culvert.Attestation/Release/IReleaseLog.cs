using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// The port to what a broker must not forget: which manifests it took, and how many enclaves were given keys. Thread safe.
/// </summary>
public interface IReleaseLog
{
    /// <summary>What was written before: read once, when the broker starts.</summary>
    ReleaseTotals Read();

    /// <summary>
    /// Adds a record. When it completes without failure the record survives the end of the process and of the machine. After a
    /// failure nothing can be added any more.
    /// </summary>
    ValueTask<Failure?> AppendAsync(ReleaseRecord record, CancellationToken cancellationToken);
}

/// <summary>What a broker must not forget.</summary>
public abstract record ReleaseRecord
{
    private protected ReleaseRecord()
    {
    }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The lineage of the manifest.</summary>
    public required UInt128 Lineage { get; init; }

    /// <summary>The manifest's version.</summary>
    public required int Version { get; init; }
}

/// <summary>A version of a manifest became the current one.</summary>
public sealed record ManifestTaken : ReleaseRecord
{
    /// <summary>Its digest.</summary>
    public required ImmutableArray<byte> Digest { get; init; }
}

/// <summary>Keys of stages were given to an enclave, or are about to be.</summary>
public sealed record KeysReleased : ReleaseRecord
{
    /// <summary>The stages.</summary>
    public required ImmutableArray<StageId> Stages { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>SHA-256 of the challenge's nonce.</summary>
    public required ImmutableArray<byte> NonceDigest { get; init; }
}
