using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>What became of a request.</summary>
public enum ReleaseResult
{
    /// <summary>Keys were released.</summary>
    Released,

    /// <summary>Nothing was released.</summary>
    Refused,

    /// <summary>Nothing was released, but would have been: a dry run.</summary>
    WouldRelease,

    /// <summary>Nothing was released, nor would have been: a dry run.</summary>
    WouldRefuse,
}

/// <summary>A release or refusal for the record. No key is in it, nor anything that a key follows from.</summary>
public sealed record ReleaseEvent
{
    /// <summary>When, by the broker's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What became of it.</summary>
    public required ReleaseResult Result { get; init; }

    /// <summary>What did not hold; null for a release.</summary>
    public ReleaseRefusal? Refusal { get; init; }

    /// <summary>The job that the challenge was for; empty where the nonce is not known.</summary>
    public required string Job { get; init; }

    /// <summary>The plan that was named.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The run that was named.</summary>
    public required RunId Run { get; init; }

    /// <summary>The stages that were named.</summary>
    public required ImmutableArray<StageId> Stages { get; init; }

    /// <summary>The current manifest's version; 0 where there is none.</summary>
    public int ManifestVersion { get; init; }

    /// <summary>SHA-256 of the nonce.</summary>
    public required ImmutableArray<byte> NonceDigest { get; init; }

    /// <summary>What the verifier found; null where it came to none.</summary>
    public AttestationVerdict? Verdict { get; init; }
}

/// <summary>What a broker gives for evidence: an answer or a refusal, and what goes on record.</summary>
/// <param name="Answer">Keys and the attestation result; null for a refusal.</param>
/// <param name="Refusal">Null for an answer.</param>
/// <param name="Event">For the record.</param>
public sealed record ReleaseOutcome(ReleaseAnswer? Answer, ReleaseRefusal? Refusal, ReleaseEvent Event);
