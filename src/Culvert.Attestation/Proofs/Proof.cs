using System.Collections.Immutable;
using Culvert.Sealing;

namespace Culvert.Attestation;

/// <summary>
/// What an auditor needs to check a result offline (docs/specs/proof.md). What was read from a document is well formed, and
/// nothing of it is believed before a <see cref="ProofVerifier"/> has gone over it. Immutable.
/// </summary>
public sealed record Proof
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The plan.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The run.</summary>
    public required RunId Run { get; init; }

    /// <summary>The manifest's versions, from 1 to the one that the run was under.</summary>
    public required ImmutableArray<SignedManifest> Manifests { get; init; }

    /// <summary>The enclaves that were given keys.</summary>
    public required ImmutableArray<EnclaveProof> Enclaves { get; init; }

    /// <summary>What the last stages' partitions signed.</summary>
    public required ImmutableArray<SignedStatement> Statements { get; init; }

    /// <summary>The sealed inputs, in the order in which bindings hash their headers.</summary>
    public required ImmutableArray<ProofInput> Inputs { get; init; }

    /// <summary>The result's columns.</summary>
    public required ImmutableArray<ResultColumn> Columns { get; init; }

    /// <summary>The salt of the rows' digests; empty once it was removed, and then rows cannot be checked.</summary>
    public ImmutableArray<byte> Salt { get; init; } = [];

    /// <summary>The end digest of a sealed result; null for others.</summary>
    public EndDigest? Sealed { get; init; }

    /// <summary>When the owner says that the proof was there.</summary>
    public ImmutableArray<OwnerTimestamp> OwnerTimestamps { get; init; } = [];

    /// <summary>RFC 3161 tokens, DER.</summary>
    public ImmutableArray<ImmutableArray<byte>> TimestampTokens { get; init; } = [];

    /// <summary>The name of this proof, which time stamps are of: SHA-256, the same with and without time stamps and salt.</summary>
    public byte[] Digest() => ProofDocument.DigestOf(this);
}

/// <summary>What an enclave brought to be given keys, and what it got for it.</summary>
/// <param name="Binding">What its evidence binds.</param>
/// <param name="Evidence">Evidence, as files by name.</param>
/// <param name="Collateral">The collateral that was used, as files by name.</param>
/// <param name="Result">The attestation result, an EAR in JWS compact form.</param>
public sealed record EnclaveProof(
    ReleaseBinding Binding,
    ImmutableSortedDictionary<string, ImmutableArray<byte>> Evidence,
    ImmutableSortedDictionary<string, ImmutableArray<byte>> Collateral,
    string Result);

/// <summary>A sealed input.</summary>
/// <param name="Stream">Its stream.</param>
/// <param name="Header">Its header's bytes.</param>
/// <param name="Digest">Its end, as an enclave states it; null where none does.</param>
public sealed record ProofInput(StreamId Stream, ImmutableArray<byte> Header, EndDigest? Digest);
