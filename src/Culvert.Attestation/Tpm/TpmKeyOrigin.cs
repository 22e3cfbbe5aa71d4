namespace Culvert.Attestation;

/// <summary>Where an attestation key comes from: its certificate, up to an authority that the policy names.</summary>
internal static class TpmKeyOrigin
{
    /// <summary>Certificates of intermediates, in PEM.</summary>
    internal const string IntermediatesFile = "ak-intermediates.pem";

    internal static bool Verify(PublicKey key, EvidenceParts parts, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.TpmAkCertificate, out ReadOnlyMemory<byte> encoded)
            || Certificate.Parse(encoded, EvidenceFile.TpmAkCertificate) is not { Succeeded: true } parsed
            || !parsed.Value.Key.Is(key))
        {
            assessment.Find("tpm.ak.unbound", AttestationStatus.None, "the attestation key is merely supplied beside the quote: nothing says that it is a TPM's; give its certificate, and its authority in the policy");
            return false;
        }

        Certificate leaf = parsed.Value;
        if (leaf.IsAuthority || !leaf.MaySign)
        {
            assessment.Find("tpm.ak.certificate", AttestationStatus.Contraindicated, "the attestation key's certificate is no signing key's");
            return false;
        }

        List<Certificate> chain = [leaf];
        if (parts.TryCollateral(IntermediatesFile, out ReadOnlyMemory<byte> intermediates))
        {
            Outcome<IReadOnlyList<Certificate>> between = Pem.ParseChain(intermediates.Span, IntermediatesFile);
            if (!between.Succeeded)
            {
                assessment.Find("tpm.ak.chain", between.Failure);
                return false;
            }

            chain.AddRange(between.Value);
        }

        ChainFault? last = null;
        foreach (ReadOnlyMemory<byte> root in assessment.Policy.TpmRoots)
        {
            Outcome<Certificate> authority = Certificate.Parse(root, "policy's TPM root");
            if (!authority.Succeeded)
            {
                assessment.Find("policy.tpm-roots", authority.Failure);
                return false;
            }

            last = CertificateChain.Verify(chain, authority.Value, assessment.At, assessment.Memory, "attestation key's chain");
            if (last is null)
            {
                return true;
            }
        }

        assessment.Find("tpm.ak.chain", AttestationStatus.None, last?.Message ?? "the policy names no authority for TPM keys, so the attestation key's certificate proves nothing");
        return false;
    }
}
