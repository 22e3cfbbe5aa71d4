using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>Verifies SEV-SNP reports: chain, signature, chip and TCB against the certificate, then policy bits.</summary>
internal static class SnpVerifier
{
    internal static void Verify(EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.SnpReport, out ReadOnlyMemory<byte> bytes))
        {
            assessment.Find("amd.report.missing", AttestationStatus.None, "report.bin is missing");
            return;
        }

        if (Appraise(bytes, parts, roots, assessment) is { } report)
        {
            assessment.ReportData = [.. report.ReportData];
            assessment.Complete();
        }
    }

    /// <summary>The report, when its signature and chain hold (which says nothing of findings); null when they do not.</summary>
    internal static SnpReport? Appraise(ReadOnlyMemory<byte> bytes, EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        Outcome<SnpReport> parsed = SnpReport.Parse(bytes);
        if (!parsed.Succeeded)
        {
            assessment.Find("amd.report.format", parsed.Failure);
            return null;
        }

        SnpReport report = parsed.Value;
        Record(report, assessment);
        if (SnpKey.Verify(report, parts, roots, assessment) is not { } certificate)
        {
            return null;
        }

        assessment.Vector = assessment.Vector with { InstanceIdentity = 2, Hardware = 2, RuntimeOpaque = 2 };
        if (!AppraiseTcb(report, certificate, assessment))
        {
            return null;
        }

        AppraisePolicy(report, assessment);
        AppraiseChip(report, assessment);
        return report;
    }

    private static bool AppraiseTcb(SnpReport report, SnpCertificate certificate, Assessment assessment)
    {
        SnpTcb reported = SnpTcb.Read(report.ReportedTcb, certificate.Product);
        SnpTcb current = SnpTcb.Read(report.CurrentTcb, certificate.Product);
        if (reported != certificate.Tcb || !SnpTcb.ReservedIsZero(report.ReportedTcb, certificate.Product))
        {
            assessment.Forged("amd.tcb.certificate", $"the reported TCB ({Words(reported)}) is not the certificate's ({Words(certificate.Tcb)})");
            return false;
        }

        assessment.Tcb = new TcbAssessment("MatchesCertificate", [])
        {
            Parts = reported.Parts.ToImmutableSortedDictionary(part => part.Key, part => part.Value.ToString(CultureInfo.InvariantCulture)),
        };
        if (!reported.IsAtMost(current))
        {
            assessment.Find("amd.tcb.current", AttestationStatus.Warning, $"the reported TCB ({Words(reported)}) is over the current ({Words(current)})");
            assessment.Vector = assessment.Vector with { Hardware = 32 };
        }

        foreach ((string part, int minimum) in assessment.Policy.MinimumSnpTcb)
        {
            if (!reported.Parts.TryGetValue(part, out int found) || found < minimum)
            {
                assessment.Find("policy.snp-tcb", AttestationStatus.Warning, $"the TCB's {part} is {found}; the policy asks for {minimum} or more");
                assessment.Tcb = assessment.Tcb with { Status = "OutOfDate" };
                assessment.Vector = assessment.Vector with { Hardware = 32 };
            }
        }

        return true;
    }

    private static void AppraisePolicy(SnpReport report, Assessment assessment)
    {
        if (report.AllowsDebug)
        {
            assessment.Find("amd.policy.debug", AttestationStatus.Contraindicated, "the guest's policy allows debugging: its memory can be read");
            assessment.Vector = assessment.Vector with { RuntimeOpaque = 96 };
        }

        if (!report.HasKnownPolicy)
        {
            assessment.Find("amd.policy.unknown", AttestationStatus.Warning, $"the guest's policy {report.Policy:x16} has bits that are not known here");
            assessment.Vector = assessment.Vector with { Configuration = 32 };
        }

        if (report.AllowsMigrationAgent && !assessment.Policy.AllowMigrationAgent)
        {
            assessment.Find("amd.policy.migration-agent", AttestationStatus.Warning, "the guest's policy allows a migration agent, which sees the guest's memory and is not judged here");
            assessment.Vector = assessment.Vector with { Configuration = 32 };
        }

        if (report.Vmpl > 3)
        {
            assessment.Find("amd.vmpl", AttestationStatus.Warning, $"VMPL {report.Vmpl}: the report was not asked for by the guest");
        }
        else if (report.Vmpl > assessment.Policy.MaximumVmpl)
        {
            assessment.Find("policy.vmpl", AttestationStatus.Contraindicated, $"VMPL {report.Vmpl}; the policy accepts {assessment.Policy.MaximumVmpl} at most");
        }
    }

    private static void AppraiseChip(SnpReport report, Assessment assessment)
    {
        VerificationPolicy policy = assessment.Policy;
        if (policy.ChipIds.IsEmpty && policy.RevokedChipIds.IsEmpty)
        {
            return;
        }

        string chip = Convert.ToHexStringLower(report.ChipId);
        bool named = report.ChipId.ContainsAnyExcept((byte)0);
        if (!named || (!policy.ChipIds.IsEmpty && !policy.ChipIds.Contains(chip, StringComparer.Ordinal)))
        {
            assessment.Find("policy.chip-id", AttestationStatus.Contraindicated, named ? $"chip {chip} is not in the policy's list" : "the report names no chip; the policy has a list of them");
            assessment.Vector = assessment.Vector with { InstanceIdentity = 97 };
        }

        if (policy.RevokedChipIds.Contains(chip, StringComparer.Ordinal))
        {
            assessment.Find("policy.chip-revoked", AttestationStatus.Contraindicated, $"chip {chip} is revoked by the policy");
            assessment.Vector = assessment.Vector with { InstanceIdentity = 96 };
        }
    }

    private static void Record(SnpReport report, Assessment assessment)
    {
        assessment.Measure("measurement", report.Measurement);
        assessment.Measure("hostdata", report.HostData);
        assessment.Measure("chipid", report.ChipId);
        assessment.Measure("familyid", report.FamilyId);
        assessment.Measure("imageid", report.ImageId);
        assessment.Measure("idkeydigest", report.IdKeyDigest);
        assessment.Measure("authorkeydigest", report.AuthorKeyDigest);
        assessment.Measure("reportid", report.ReportId);
        assessment.Measure("guestsvn", report.GuestSvn);
        assessment.Measure("vmpl", report.Vmpl);
        Span<byte> policy = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(policy, report.Policy);
        assessment.Measure("policy", policy);
    }

    private static string Words(SnpTcb tcb) => string.Join(", ", tcb.Parts.Select(part => $"{part.Key} {part.Value}"));
}
