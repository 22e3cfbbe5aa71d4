using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// Verifies an Azure confidential VM: the SEV-SNP report, or the TDX quote, binds the runtime data, they name the vTPM's
/// attestation key, and that key signed a quote over the registers.
/// </summary>
internal static class AzureVerifier
{
    internal static void Verify(EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.HclReport, out ReadOnlyMemory<byte> bytes))
        {
            assessment.Find("azure.hcl.missing", AttestationStatus.None, "hcl-report.bin is missing");
            return;
        }

        Outcome<HclReport> parsed = HclReport.Parse(bytes);
        if (!parsed.Succeeded)
        {
            assessment.Find("azure.hcl.format", parsed.Failure);
            return;
        }

        HclReport hcl = parsed.Value;
        if (!CopiesAgree(hcl, parts, assessment) || !(hcl.IsTdx ? DomainBinds(hcl, parts, roots, assessment) : GuestBinds(hcl, parts, roots, assessment)))
        {
            return;
        }

        if (!parts.TryEvidence(EvidenceFile.AzureTpmAttest, out ReadOnlyMemory<byte> attest)
            || !parts.TryEvidence(EvidenceFile.AzureTpmSignature, out ReadOnlyMemory<byte> signature))
        {
            assessment.Find("azure.tpm-quote.missing", AttestationStatus.None, $"{EvidenceFile.AzureTpmAttest} or {EvidenceFile.AzureTpmSignature} is missing: the report alone says nothing of what booted");
            return;
        }

        if (TpmVerifier.VerifyQuote(attest, TpmSignature.RawRsaSha256(signature), hcl.AttestationKey, "pcrs-sha256.json", parts, assessment) is { } quote)
        {
            assessment.ReportData = [.. quote.ExtraData.Span];
            assessment.Complete();
        }
    }

    /// <summary>Files that say once more what the HCL report says have to say the same, or somebody relies on another.</summary>
    private static bool CopiesAgree(HclReport hcl, EvidenceParts parts, Assessment assessment)
    {
        if ((parts.TryEvidence(EvidenceFile.SnpReport, out ReadOnlyMemory<byte> report) && !report.Span.SequenceEqual(hcl.HardwareReport.Span))
            || (parts.TryEvidence(EvidenceFile.RuntimeData, out ReadOnlyMemory<byte> data) && !data.Span.SequenceEqual(hcl.RuntimeData.Span)))
        {
            assessment.Find("azure.copies", AttestationStatus.Contraindicated, $"{EvidenceFile.SnpReport} or {EvidenceFile.RuntimeData} differs from what hcl-report.bin holds");
            return false;
        }

        if (!parts.TryEvidence(EvidenceFile.AkPublicKey, out ReadOnlyMemory<byte> encoded))
        {
            return true;
        }

        Outcome<PublicKey> key = PublicKey.OfSubjectPublicKeyInfo(encoded);
        if (key.Succeeded && key.Value.Is(hcl.AttestationKey))
        {
            return true;
        }

        assessment.Find("azure.copies", AttestationStatus.Contraindicated, $"{EvidenceFile.AkPublicKey} is not the attestation key of hcl-report.bin");
        return false;
    }

    private static bool GuestBinds(HclReport hcl, EvidenceParts parts, VendorRoots roots, Assessment assessment) =>
        SnpVerifier.Appraise(hcl.HardwareReport, parts, roots, assessment) is { } report && Bound(hcl, report.ReportData, assessment);

    /// <summary>The local report has no signature; the quote that was made of it has, and binds the same runtime data.</summary>
    private static bool DomainBinds(HclReport hcl, EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        if (IntelVerifier.Appraise(parts, roots.Intel, assessment) is not { } quote)
        {
            return false;
        }

        if (quote.Domain is not { } domain || !new LocalTdReport(hcl.HardwareReport).IsOf(domain))
        {
            assessment.Forged("azure.hcl.quote", "the quote was not made of the local report that hcl-report.bin holds");
            return false;
        }

        return Bound(hcl, domain.ReportData, assessment);
    }

    private static bool Bound(HclReport hcl, ReadOnlySpan<byte> reportData, Assessment assessment)
    {
        byte[] bound = new byte[64];
        CryptographicOperations.HashData(hcl.Hash, hcl.RuntimeData.Span).CopyTo(bound, 0);
        if (reportData.SequenceEqual(bound))
        {
            assessment.Measure("runtimedata", bound);
            return true;
        }

        assessment.Forged("azure.hcl.binding", "the hardware's report does not bind the runtime data: the vTPM's key is not this machine's");
        return false;
    }
}
