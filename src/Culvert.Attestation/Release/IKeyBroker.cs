using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// The port to whoever releases keys: the owner's own process, or a broker elsewhere. Two steps per enclave: a challenge, then
/// evidence for it. Refusals are failures whose message begins with the name of the check. Thread safe.
/// </summary>
public interface IKeyBroker
{
    /// <summary>A nonce, and whose it is, for one enclave.</summary>
    ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken);

    /// <summary>Keys for evidence. A challenge serves once.</summary>
    ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken);

    /// <summary>All versions of a job's manifest, from the first to the current one, for proofs. Public; whoever uses them verifies them.</summary>
    ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken);
}

/// <summary>What somebody wants keys for.</summary>
public sealed record ReleaseAsk
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The plan.</summary>
    public required PlanDigest Plan { get; init; }
}

/// <summary>What evidence has to answer. None of it is secret.</summary>
public sealed record ReleaseChallenge
{
    /// <summary>Used once; 32 bytes.</summary>
    public required ImmutableArray<byte> Nonce { get; init; }

    /// <summary>SHA-256 of the broker's signing key.</summary>
    public required ImmutableArray<byte> Broker { get; init; }

    /// <summary>SHA-256 of the owner's signing key.</summary>
    public required ImmutableArray<byte> Owner { get; init; }

    /// <summary>The digest of the manifest under which it decides.</summary>
    public required ImmutableArray<byte> Manifest { get; init; }

    /// <summary>The key epoch of that manifest.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>The manifest's lineage, from which state keys follow.</summary>
    public required ImmutableArray<byte> Lineage { get; init; }

    /// <summary>The nonce is refused from then on.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}

/// <summary>Evidence that answers a challenge, and what is asked for with it.</summary>
public sealed record ReleaseRequest
{
    /// <summary>What the evidence binds.</summary>
    public required ReleaseBinding Binding { get; init; }

    /// <summary>Evidence as files by name (<see cref="EvidenceFile"/>).</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<byte>> Evidence { get; init; }

    /// <summary>Collateral as files by name.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<byte>> Collateral { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;

    /// <summary>The headers of the sealed inputs in order: their hash is <see cref="ReleaseBinding.Inputs"/>, and they name the streams.</summary>
    public ImmutableArray<StageInput> Inputs { get; init; } = [];

    /// <summary>The stream of the sealed result (<see cref="ReleaseBinding.ResultStream"/>), or null.</summary>
    public StreamId? Output { get; init; }
}

/// <summary>A sealed file that a source stage reads.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Stream">The file's stream.</param>
/// <param name="Header">The file's header, whose bytes <see cref="ReleaseBinding.Inputs"/> hashes.</param>
public sealed record StageInput(StageId Stage, StreamId Stream, ImmutableArray<byte> Header);

/// <summary>What a release gives.</summary>
/// <param name="Result">The attestation result: an EAR, signed ES256, in JWS compact form (RFC 7515).</param>
/// <param name="Bundles">By stage: a <see cref="KeyBundle"/>, sealed by HPKE to the enclave's key.</param>
public sealed record ReleaseAnswer(string Result, ImmutableSortedDictionary<StageId, ImmutableArray<byte>> Bundles)
{
    /// <summary>
    /// The broker's own collateral, when it was verified by that in the place of the request's: whoever proves a result has to
    /// have it. Empty otherwise.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<byte>> Collateral { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;
}
