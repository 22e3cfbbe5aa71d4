using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>The key that signed a report: its certificate, the chain to the product's root, revocation, and the signature itself.</summary>
internal static class SnpKey
{
    private const uint SignedByVcek = 0;
    private const uint SignedByVlek = 1;

    /// <summary>What the signing key's certificate says; null, with a finding, when anything does not hold.</summary>
    internal static SnpCertificate? Verify(SnpReport report, EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        if (report.SigningKey is not (SignedByVcek or SignedByVlek) || (report.IsChipKeyMasked && report.SigningKey == SignedByVcek))
        {
            assessment.Find("amd.report.unsigned", AttestationStatus.None, $"the report is not signed (key info {report.KeyInfo:x}): the host masks the chip's key");
            return null;
        }

        bool ofChip = report.SigningKey == SignedByVcek;
        string file = ofChip ? EvidenceFile.Vcek : EvidenceFile.Vlek;
        string kind = ofChip ? "VCEK" : "VLEK";
        if (!parts.TryNeed(file, "amd.certificate.missing", assessment, out ReadOnlyMemory<byte> encoded))
        {
            return null;
        }

        Outcome<Certificate> leaf = Certificate.Parse(encoded, file);
        if (!leaf.Succeeded)
        {
            assessment.Find("amd.certificate.format", leaf.Failure);
            return null;
        }

        Outcome<SnpCertificate> content = SnpCertificate.Of(leaf.Value, file);
        if (!content.Succeeded)
        {
            assessment.Find("amd.certificate.format", content.Failure);
            return null;
        }

        return ChainHolds(leaf.Value, content.Value, ofChip, kind, parts, roots, assessment) && SignatureHolds(report, leaf.Value, content.Value, ofChip, kind, assessment)
            ? content.Value
            : null;
    }

    private static bool ChainHolds(
        Certificate leaf, SnpCertificate content, bool ofChip, string kind, EvidenceParts parts, VendorRoots roots, Assessment assessment)
    {
        AmdRoot root = roots.Amd.First(candidate => candidate.Product == content.Product);
        Certificate authority = ofChip ? root.Ask : root.Asvk;
        if (leaf.SubjectName != $"SEV-{kind}" || leaf.IsAuthority || (ofChip ? content.HardwareId.IsEmpty : content.Provider.Length == 0))
        {
            assessment.Forged("amd.certificate.kind", $"the certificate is no {kind}, which the report is signed with");
            return false;
        }

        if (CertificateChain.Verify([leaf, authority], root.Ark, assessment.At, assessment.Memory, $"{kind} chain ({content.Product})") is { } fault)
        {
            assessment.Find("amd.chain", fault);
            return false;
        }

        return RevocationsHold(root, authority, parts, assessment);
    }

    /// <summary>AMD's lists are the root's and name intermediates; chips and providers are revoked by lists in the policy.</summary>
    private static bool RevocationsHold(AmdRoot root, Certificate authority, EvidenceParts parts, Assessment assessment)
    {
        if (!parts.TryCollateral(EvidenceFile.AmdRevocations, out ReadOnlyMemory<byte> encoded))
        {
            if (!assessment.Policy.RequireAmdRevocations)
            {
                return true;
            }

            assessment.Find("amd.crl.missing", AttestationStatus.None, $"{EvidenceFile.AmdRevocations} is missing; the policy asks for AMD's revocation list");
            return false;
        }

        Outcome<RevocationList> list = RevocationList.Parse(encoded, "AMD CRL");
        if (!list.Succeeded)
        {
            assessment.Find("amd.crl.format", list.Failure);
            return false;
        }

        if (CertificateChain.Verify(list.Value, root.Ark, [authority], assessment.At, assessment.Memory, "AMD CRL") is { } fault)
        {
            assessment.Find("amd.crl", fault);
            return false;
        }

        return true;
    }

    private static bool SignatureHolds(SnpReport report, Certificate leaf, SnpCertificate content, bool ofChip, string kind, Assessment assessment)
    {
        if (!leaf.Key.VerifiesFixed(report.Raw[..SnpReport.SignedBytes], report.Signature(), HashAlgorithmName.SHA384))
        {
            assessment.Forged("amd.report.signature", $"the {kind}'s signature on the report does not hold");
            return false;
        }

        if (report.Version >= 3 && report.Product != content.Product)
        {
            assessment.Forged("amd.report.product", $"the report is of CPU family {report.CpuFamily:x}, model {report.CpuModel:x}; the certificate is of {content.Product}");
            return false;
        }

        // A host may mask the id; the key is the chip's own all the same.
        if (ofChip && report.ChipId.ContainsAnyExcept((byte)0) && !content.IsOfChip(report.ChipId))
        {
            assessment.Forged("amd.report.chip", "the report's chip id is not the certificate's hardware id");
            return false;
        }

        return true;
    }
}
