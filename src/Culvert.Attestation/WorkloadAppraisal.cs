namespace Culvert.Attestation;

/// <summary>What a policy has to say that is the same for every kind: kinds, chips, measurements, report data.</summary>
internal static class WorkloadAppraisal
{
    /// <summary>The measured set of a kind: who names less than all of it has said nothing of the code.</summary>
    internal static IReadOnlyList<string> MeasuredSet(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Sgx => ["mrenclave"],
        EvidenceKind.Tdx => ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"],
        EvidenceKind.SevSnp => ["measurement"],
        EvidenceKind.AzureSevSnp => ["measurement", "pcr0", "pcr4", "pcr7"],
        EvidenceKind.AzureTdx => ["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "pcr0", "pcr4", "pcr7"],
        EvidenceKind.AwsNitro => ["pcr0", "pcr1", "pcr2"],
        EvidenceKind.Tpm2 => ["pcr0", "pcr4", "pcr7"],
        EvidenceKind.Simulation => ["measurement"],
        _ => [],
    };

    /// <summary>Checks the policy against what was measured, and tells how far the verdict reaches.</summary>
    internal static AttestationScope Appraise(EvidenceKind kind, Assessment assessment)
    {
        VerificationPolicy policy = assessment.Policy;
        if (!policy.Kinds.IsEmpty && !policy.Kinds.Contains(kind))
        {
            assessment.Find("policy.kind", AttestationStatus.Contraindicated, $"evidence of {EvidenceKindName.Of(kind)}; the policy accepts {string.Join(", ", policy.Kinds.Select(EvidenceKindName.Of))}");
        }

        if (!policy.ChipIds.IsEmpty && kind is not (EvidenceKind.SevSnp or EvidenceKind.AzureSevSnp))
        {
            assessment.Find("policy.chip-id", AttestationStatus.Contraindicated, "the policy names chips of AMD's, and this evidence is of none");
        }

        if (!policy.ReportData.IsEmpty && !Matches(policy.ReportData.AsSpan(), assessment.ReportData.AsSpan()))
        {
            assessment.Find("policy.report-data", AttestationStatus.Contraindicated, "the report data is not what the policy expects: the evidence is old, or bound to something else");
        }

        bool matched = true;
        foreach ((string name, var accepted) in policy.Measurements)
        {
            if (!assessment.Measurements.TryGetValue(name, out string? found) || !accepted.Contains(found, StringComparer.Ordinal))
            {
                matched = false;
                assessment.Find($"policy.{name}", AttestationStatus.Contraindicated, $"{name} is {found ?? "not in this evidence"}, which the policy does not accept");
                assessment.Vector = assessment.Vector with { Executables = 33 };
            }
        }

        IReadOnlyList<string> measuredSet = MeasuredSet(kind);
        if (!matched || measuredSet.Count == 0 || !measuredSet.All(policy.Measurements.ContainsKey))
        {
            return AttestationScope.Platform;
        }

        assessment.Vector = assessment.Vector with { Executables = 2 };
        return AttestationScope.Workload;
    }

    /// <summary>Equal, where the shorter of the two is filled with zeros: 32 bytes of hash fit a field of 64.</summary>
    private static bool Matches(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found)
    {
        int common = Math.Min(expected.Length, found.Length);
        return common > 0
            && expected[..common].SequenceEqual(found[..common])
            && !expected[common..].ContainsAnyExcept((byte)0)
            && !found[common..].ContainsAnyExcept((byte)0);
    }
}
