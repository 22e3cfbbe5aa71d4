using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>
/// Verifies SGX and TDX quotes: first what the quote says by itself (chain, signatures, debug), then its platform against
/// the collateral. A signature that does not hold ends the verification; everything else is collected.
/// </summary>
internal static class IntelVerifier
{
    private const string PckSubject = "Intel SGX PCK Certificate";

    internal static void Verify(EvidenceParts parts, Certificate root, Assessment assessment)
    {
        if (Appraise(parts, root, assessment) is not null)
        {
            assessment.Complete();
        }
    }

    /// <summary>The quote, when its signatures and its collateral hold (which says nothing of findings); null when they do not.</summary>
    internal static IntelQuote? Appraise(EvidenceParts parts, Certificate root, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.IntelQuote, out ReadOnlyMemory<byte> bytes))
        {
            assessment.Find("intel.quote.missing", AttestationStatus.None, "quote.bin is missing");
            return null;
        }

        Outcome<IntelQuote> parsed = IntelQuote.Parse(bytes);
        if (!parsed.Succeeded)
        {
            assessment.Find("intel.quote.format", parsed.Failure);
            return null;
        }

        IntelQuote quote = parsed.Value;
        IntelMeasurements.Record(quote, assessment);
        if (VerifyPckChain(quote, root, assessment) is not { } pck || !VerifySignatures(quote, pck.Leaf, assessment))
        {
            return null;
        }

        assessment.Vector = assessment.Vector with { InstanceIdentity = 2, RuntimeOpaque = 2 };
        if (quote.Enclave is { } enclave)
        {
            AppraiseEnclave(enclave, assessment);
        }
        else
        {
            AppraiseDomain(quote.Domain!, assessment);
        }

        bool whole = parts.TryCollateral(EvidenceFile.IntelCollateral, out ReadOnlyMemory<byte> text);
        Outcome<IntelCollateral> collateral = whole ? assessment.Memory.Read(text, IntelCollateral.Parse) : IntelCollateralFiles.Find(parts);
        if (!collateral.Succeeded)
        {
            assessment.Find(whole ? "intel.collateral.format" : "intel.collateral.missing", collateral.Failure);
            return null;
        }

        return IntelPlatform.Appraise(quote, pck, collateral.Value, root, assessment) ? quote : null;
    }

    private static PckChain? VerifyPckChain(IntelQuote quote, Certificate root, Assessment assessment)
    {
        Outcome<IReadOnlyList<Certificate>> chain = assessment.Memory.Read(quote.PckChain, text => Pem.ParseQuoted(text.Span, "PCK chain"));
        if (!chain.Succeeded)
        {
            assessment.Find("intel.pck-chain.format", chain.Failure);
            return null;
        }

        IReadOnlyList<Certificate> certificates = chain.Value;
        if (certificates.Count != 3 || certificates[0].SubjectName != PckSubject || certificates[0].IsAuthority)
        {
            assessment.Forged("intel.pck-chain.shape", "PCK chain: not a PCK certificate, its authority and Intel's root");
            return null;
        }

        if (CertificateChain.Verify(certificates, root, assessment.At, assessment.Memory, "PCK chain") is { } fault)
        {
            assessment.Find("intel.pck-chain", fault);
            return null;
        }

        Outcome<PckExtension> extension = PckExtension.Of(certificates[0]);
        if (!extension.Succeeded)
        {
            assessment.Find("intel.pck-extension.format", extension.Failure);
            return null;
        }

        assessment.Measure("fmspc", Convert.FromHexString(extension.Value.Fmspc));
        if (extension.Value.Ppid is { } ppid)
        {
            assessment.Measure("ppid", Convert.FromHexString(ppid));
        }

        return new PckChain(certificates[0], certificates[1], extension.Value);
    }

    private static bool VerifySignatures(IntelQuote quote, Certificate pck, Assessment assessment)
    {
        if (!pck.MaySign || !pck.Key.VerifiesFixed(quote.QeReport.Raw, quote.QeReportSignature.Span, HashAlgorithmName.SHA256))
        {
            assessment.Forged("intel.qe-report.signature", "the PCK key's signature on the quoting enclave's report does not hold");
            return false;
        }

        // The first half of the report data binds the attestation key; the second is zero.
        Span<byte> bound = stackalloc byte[64];
        bound.Clear();
        SHA256.HashData([.. quote.AttestationKey.Span, .. quote.QeAuthenticationData.Span], bound);
        if (!quote.QeReport.ReportData.SequenceEqual(bound))
        {
            assessment.Forged("intel.qe-report.binding", "the quoting enclave's report does not bind the attestation key");
            return false;
        }

        Outcome<PublicKey> key = PublicKey.OfPoint(quote.AttestationKey.Span[..32], quote.AttestationKey.Span[32..]);
        if (!key.Succeeded || !key.Value.VerifiesFixed(quote.Signed.Span, quote.Signature.Span, HashAlgorithmName.SHA256))
        {
            assessment.Forged("intel.quote.signature", "the attestation key's signature on the quote does not hold");
            return false;
        }

        return true;
    }

    private static void AppraiseEnclave(EnclaveReport enclave, Assessment assessment)
    {
        if (enclave.IsDebug)
        {
            Debug(assessment, "intel.sgx.debug", "the enclave runs in debug mode: its memory can be read");
        }

        if (enclave.IsvSvn < assessment.Policy.MinimumIsvSvn)
        {
            assessment.Find("policy.isvsvn", AttestationStatus.Contraindicated, $"ISVSVN {enclave.IsvSvn}; the policy asks for {assessment.Policy.MinimumIsvSvn} or more");
        }
    }

    private static void AppraiseDomain(TdReport domain, Assessment assessment)
    {
        if (domain.IsDebug)
        {
            Debug(assessment, "intel.tdx.debug", "the trust domain runs under debug (attributes 0 to 7 are not all clear): its memory can be read");
        }

        if (!domain.SeptVeDisable)
        {
            assessment.Find("intel.tdx.sept-ve-disable", AttestationStatus.Warning, "SEPT_VE_DISABLE is clear: the host can inject exceptions by taking pages away; start the trust domain with it set");
            assessment.Vector = assessment.Vector with { Configuration = 32 };
        }

        if (domain.IsMigratable)
        {
            assessment.Find("intel.tdx.migratable", AttestationStatus.Warning, "the trust domain is migratable: its memory may be given to another platform by a service trust domain that is not judged here");
            assessment.Vector = assessment.Vector with { Configuration = 32 };
        }

        if (domain.HasUnknownAttributes)
        {
            assessment.Find("intel.tdx.attributes", AttestationStatus.Warning, $"attributes {Convert.ToHexStringLower(domain.TdAttributes)} have bits that are not known here");
            assessment.Vector = assessment.Vector with { Configuration = 32 };
        }
    }

    private static void Debug(Assessment assessment, string check, string message)
    {
        assessment.Find(check, AttestationStatus.Contraindicated, message);
        assessment.Vector = assessment.Vector with { RuntimeOpaque = 96 };
    }
}

/// <summary>A PCK certificate whose chain holds, its authority, and what it says of its platform.</summary>
internal sealed record PckChain(Certificate Leaf, Certificate Authority, PckExtension Platform);
