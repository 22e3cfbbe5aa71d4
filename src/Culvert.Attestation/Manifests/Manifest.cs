using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// The owner's statement of which measured code may hold which of a job's keys (docs/specs/manifest.md). What it does not
/// allow is refused. Immutable; whether anybody signed it is another question (<see cref="SignedManifest"/>).
/// </summary>
public sealed record Manifest
{
    /// <summary>Bytes of <see cref="Lineage"/>.</summary>
    public const int LineageBytes = 16;

    /// <summary>Random, the same in all versions: state keys follow from it.</summary>
    public required ImmutableArray<byte> Lineage { get; init; }

    /// <summary>1, 2, and so on.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the version before, as signed; empty in version 1.</summary>
    public ImmutableArray<byte> Previous { get; init; } = [];

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The plan whose keys these are.</summary>
    public required PlanDigest Plan { get; init; }

    /// <summary>The key epoch that this version is for; never falls from version to version.</summary>
    public required KeyEpoch Epoch { get; init; }

    /// <summary>Nothing is released before.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Nothing is released from then on.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The owner's public signing key: SubjectPublicKeyInfo, P-256.</summary>
    public required ImmutableArray<byte> OwnerKey { get; init; }

    /// <summary>The key that signs the broker's attestation results: SubjectPublicKeyInfo, P-256.</summary>
    public required ImmutableArray<byte> BrokerKey { get; init; }

    /// <summary>Evidence without hardware is enough. Default false.</summary>
    public bool AllowSimulation { get; init; }

    /// <summary>The stages whose keys may be released, by number.</summary>
    public required ImmutableArray<ManifestStage> Stages { get; init; }

    /// <summary>
    /// What each kind of platform has to fulfil: TCB, tolerated advisories, chips, development keys. A kind that is not here is
    /// refused. Measurements and report data of these policies are empty: they come from the stage and the challenge.
    /// </summary>
    public required ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> Platforms { get; init; }

    /// <summary>The sealed files that the job may read; null: any of the owner's.</summary>
    public ImmutableArray<StreamId>? Inputs { get; init; }

    /// <summary>What is no longer to get keys.</summary>
    public ManifestRevocations Revoked { get; init; } = new();

    /// <summary>Who may issue the next version.</summary>
    public UpdateRule Update { get; init; } = UpdateRule.ByOwner;
}

/// <summary>A stage, and what code may hold its keys.</summary>
public sealed record ManifestStage
{
    /// <summary>Its number in the plan.</summary>
    public required StageId Id { get; init; }

    /// <summary>Its name in the plan, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Each one is enough: a full measured set. Never empty.</summary>
    public required ImmutableArray<AcceptedMeasurement> Accepted { get; init; }

    /// <summary>The sealed edges at the stage, by number.</summary>
    public required ImmutableArray<StageEdge> Edges { get; init; }

    /// <summary>The edge of its reports to the owner.</summary>
    public required EdgeId Reports { get; init; }

    /// <summary>It keeps state, and gets the keys of it: those of this epoch and of earlier ones.</summary>
    public required bool HoldsState { get; init; }

    /// <summary>It may get the keys of sealed input files.</summary>
    public bool ReadsInputs { get; init; }

    /// <summary>It may get the key of the sealed result.</summary>
    public bool WritesResult { get; init; }

    /// <summary>How many enclaves may be given its keys under this version; 0: any number.</summary>
    public int ActivationsMax { get; init; }
}

/// <summary>A sealed edge at a stage.</summary>
/// <param name="Id">Its number.</param>
/// <param name="DispatchesByKey">The stage sends on it by key, and so needs the key of the partition function.</param>
public readonly record struct StageEdge(EdgeId Id, bool DispatchesByKey);

/// <summary>A full measured set of a kind.</summary>
/// <param name="Kind">What measures.</param>
/// <param name="Values">All names of the kind's measured set, with lower-case hexadecimal values.</param>
/// <param name="Description">What it stands for, for people, such as <c>culvert 0.4.0, 213 files</c>.</param>
public sealed record AcceptedMeasurement(EvidenceKind Kind, ImmutableSortedDictionary<string, string> Values, string Description);

/// <summary>What a manifest version takes back.</summary>
public sealed record ManifestRevocations
{
    /// <summary>Nothing of the job is released any more.</summary>
    public bool Job { get; init; }

    /// <summary>Measured values (any of a set's) that get no keys, lower-case hexadecimal.</summary>
    public ImmutableArray<string> Measurements { get; init; } = [];

    /// <summary>Chips that get no keys, lower-case hexadecimal: AMD's chip id, Intel's PPID, a TPM key's SHA-256.</summary>
    public ImmutableArray<string> Chips { get; init; } = [];
}

/// <summary>Who may issue the version after this one: the owner, or <paramref name="Threshold"/> of the named signers.</summary>
/// <param name="Threshold">0 for the owner alone, else 1 to the number of signers.</param>
/// <param name="Signers">Named public keys.</param>
public sealed record UpdateRule(int Threshold, ImmutableArray<ManifestSigner> Signers)
{
    /// <summary>The owner signs.</summary>
    public static UpdateRule ByOwner { get; } = new(0, []);
}

/// <summary>One who may sign updates.</summary>
/// <param name="Name">For people.</param>
/// <param name="Key">SubjectPublicKeyInfo, P-256.</param>
public sealed record ManifestSigner(string Name, ImmutableArray<byte> Key);
