using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// What a verifier has to say of evidence at a time. Immutable. Only <see cref="AttestationStatus.Affirming"/> with the scope
/// <see cref="AttestationScope.Workload"/> is a reason to hand out a key.
/// </summary>
public sealed record AttestationVerdict
{
    /// <summary>What made the evidence.</summary>
    public required EvidenceKind Kind { get; init; }

    /// <summary>The worst of all findings; affirming when there are none.</summary>
    public required AttestationStatus Status { get; init; }

    /// <summary>Platform, or workload when a policy's full set of measurements matched.</summary>
    public required AttestationScope Scope { get; init; }

    /// <summary>The time it was verified for.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>AR4SI's claims.</summary>
    public required TrustworthinessVector Trustworthiness { get; init; }

    /// <summary>
    /// Measurements and identities that the evidence states, by name, in lower-case hexadecimal (or digits for numbers). They
    /// are worth nothing unless the status is affirming or warning.
    /// </summary>
    public required ImmutableSortedDictionary<string, string> Measurements { get; init; }

    /// <summary>Those of <see cref="Measurements"/> that say what code runs: the kind's full measured set, as far as it is there.</summary>
    public ImmutableSortedDictionary<string, string> MeasuredSet
    {
        get
        {
            IReadOnlyList<string> names = WorkloadAppraisal.MeasuredSet(Kind);
            return Measurements.Where(entry => names.Contains(entry.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal);
        }
    }

    /// <summary>How current the firmware is.</summary>
    public required TcbAssessment Tcb { get; init; }

    /// <summary>What the attester had bound into the evidence; empty when there is nothing.</summary>
    public required ImmutableArray<byte> ReportData { get; init; }

    /// <summary>Everything that did not hold, in the order of checking.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>The first of the worst findings: why it is not affirming. Null when it is.</summary>
    public Finding? FailedCheck => Findings.IsEmpty ? null : Findings.First(finding => finding.Status == Status);

    /// <summary>
    /// True for simulation evidence whose signature holds under a development key that the policy names, and that bears no
    /// other fault than being no hardware. Never affirming.
    /// </summary>
    public bool IsVerifiedSimulation =>
        Kind == EvidenceKind.Simulation && Findings is [{ Check: Checks.SimulationHardware }];
}
