using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// What a relying party accepts beyond genuine, current hardware. Everything is optional; what is not said is not relaxed.
/// There is no way to accept debug mode or a signature that does not hold. Immutable.
/// </summary>
public sealed record VerificationPolicy
{
    /// <summary>No wishes: the verdict speaks of the platform only.</summary>
    public static VerificationPolicy None { get; } = new();

    /// <summary>Accepted kinds; empty for any.</summary>
    public ImmutableArray<EvidenceKind> Kinds { get; init; } = [];

    /// <summary>Accepted values by measurement's name, lower-case hexadecimal (numbers: digits). Each named one has to match.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> Measurements { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>What the evidence has to bind; a shorter one is filled with zeros. Empty: not checked.</summary>
    public ImmutableArray<byte> ReportData { get; init; } = [];

    /// <summary>Intel: TCB statuses that count as current, beside <c>UpToDate</c>. Never <c>Revoked</c>.</summary>
    public ImmutableArray<string> AcceptedTcbStatuses { get; init; } = [];

    /// <summary>
    /// Advisories that somebody has judged and tolerates, such as <c>INTEL-SA-00615</c>. A status of
    /// <see cref="AcceptedTcbStatuses"/> is current only if all advisories of its level are named here.
    /// </summary>
    public ImmutableArray<string> ToleratedAdvisories { get; init; } = [];

    /// <summary>Intel: the least <c>tcbEvaluationDataNumber</c> of TCB info and QE identity; older collateral hides known holes. 0: any.</summary>
    public int MinimumTcbEvaluationDataNumber { get; init; }

    /// <summary>SGX: the least security version of the enclave. 0: any.</summary>
    public int MinimumIsvSvn { get; init; }

    /// <summary>AMD: the least parts of the reported TCB, by name (<c>fmc</c>, <c>bootloader</c>, <c>tee</c>, <c>snp</c>, <c>microcode</c>).</summary>
    public ImmutableSortedDictionary<string, int> MinimumSnpTcb { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>AMD: the highest privilege level (VMPL) of the reporting code, 0 to 3. Default 3: any.</summary>
    public int MaximumVmpl { get; init; } = 3;

    /// <summary>AMD: guests with a migration agent are accepted. Default false: the agent sees the guest's memory.</summary>
    public bool AllowMigrationAgent { get; init; }

    /// <summary>AMD: accepted chip ids, lower-case hexadecimal; empty for any. A VLEK's report names no chip, so it is refused then.</summary>
    public ImmutableArray<string> ChipIds { get; init; } = [];

    /// <summary>AMD: chip ids that are refused. A VLEK's report names no chip, so it is refused when there are any.</summary>
    public ImmutableArray<string> RevokedChipIds { get; init; } = [];

    /// <summary>AMD: a revocation list has to be given. Default false.</summary>
    public bool RequireAmdRevocations { get; init; }

    /// <summary>TPM: certificates (DER) of authorities that certify attestation keys. Without one a TPM quote is not affirming.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> TpmRoots { get; init; } = [];

    /// <summary>Simulation: public keys (SubjectPublicKeyInfo, P-256) of development keys that are known.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> SimulationKeys { get; init; } = [];
}
