using System.Collections.Immutable;

namespace Culvert.Attestation;

/// <summary>
/// A verdict in the making. Verifiers write down what they find; nothing is affirmed until <see cref="Complete"/> says that
/// every check was made, so that a path that forgets one ends as "none".
/// </summary>
internal sealed class Assessment(EvidenceKind kind, DateTimeOffset at, VerificationPolicy policy, VerificationMemory memory)
{
    private readonly List<Finding> _findings = [];
    private readonly SortedDictionary<string, string> _measurements = new(StringComparer.Ordinal);
    private bool _complete;

    internal DateTimeOffset At => at;

    internal VerificationPolicy Policy => policy;

    internal VerificationMemory Memory => memory;

    internal TcbAssessment Tcb { get; set; } = TcbAssessment.Unknown;

    internal ImmutableArray<byte> ReportData { get; set; } = [];

    internal TrustworthinessVector Vector { get; set; } = new();

    internal IReadOnlyDictionary<string, string> Measurements => _measurements;

    internal bool HasFindings => _findings.Count > 0;

    internal void Find(string check, AttestationStatus status, string message) => _findings.Add(new Finding(check, status, message));

    internal void Find(string prefix, ChainFault fault) => Find($"{prefix}.{fault.Name}", fault.Status, fault.Message);

    /// <summary>A refusal of a parser: the evidence is not what its format allows, or something is missing.</summary>
    internal void Find(string check, Failure failure) => Find(check, AttestationStatus.None, failure.Message);

    /// <summary>A signature or a binding does not hold: nothing in the evidence can be believed.</summary>
    internal void Forged(string check, string message)
    {
        Find(check, AttestationStatus.Contraindicated, message);
        Vector = Vector with { InstanceIdentity = 99, Hardware = 99 };
    }

    internal void Measure(string name, ReadOnlySpan<byte> value) => _measurements[name] = Convert.ToHexStringLower(value);

    internal void Measure(string name, ulong value) => _measurements[name] = value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Every check of this kind was made and its findings, if any, are written down.</summary>
    internal void Complete() => _complete = true;

    internal AttestationVerdict Conclude()
    {
        AttestationScope scope = AttestationScope.Platform;
        if (_complete)
        {
            scope = WorkloadAppraisal.Appraise(kind, this);
        }
        else if (_findings.Count == 0)
        {
            Find("verifier.incomplete", AttestationStatus.None, "not every check was made");
        }

        AttestationStatus status = _findings.Count == 0 ? AttestationStatus.Affirming : _findings.Max(finding => finding.Status);
        return new AttestationVerdict
        {
            Kind = kind,
            Status = status,
            Scope = scope,
            At = at,
            Trustworthiness = Vector,
            Measurements = _measurements.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Tcb = Tcb,
            ReportData = ReportData,
            Findings = [.. _findings],
        };
    }
}
