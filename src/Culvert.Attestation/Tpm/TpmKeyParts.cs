namespace Culvert.Attestation;

/// <summary>An attestation key as it lies beside its quotes: public area, certificate, bare key, of which all have to be of one key.</summary>
internal sealed record TpmKeyParts(PublicKey Key, TpmPublic? Area, TpmPublic? Parent)
{
    /// <summary>The key; null, with a finding, when there is none, or its parts disagree.</summary>
    internal static TpmKeyParts? Read(EvidenceParts parts, Assessment assessment)
    {
        if (!TryArea(EvidenceFile.TpmAkPublic, parts, assessment, out TpmPublic? area) || !TryArea(EvidenceFile.TpmAkParent, parts, assessment, out TpmPublic? parent))
        {
            return null;
        }

        if (area is { IsAttestationKey: false })
        {
            assessment.Find("tpm.ak.attributes", AttestationStatus.Contraindicated, "the key is no restricted signing key that the TPM made and keeps: it could sign a made-up quote");
            return null;
        }

        List<PublicKey> keys = area is null ? [] : [area.Key];
        if (parts.TryEvidence(EvidenceFile.AkPublicKey, out ReadOnlyMemory<byte> encoded) && !Add(PublicKey.OfSubjectPublicKeyInfo(encoded), key => key, keys, assessment))
        {
            return null;
        }

        if (parts.TryEvidence(EvidenceFile.TpmAkCertificate, out ReadOnlyMemory<byte> certificate)
            && !Add(Certificate.Parse(certificate, EvidenceFile.TpmAkCertificate), known => known.Key, keys, assessment))
        {
            return null;
        }

        if (keys.Count == 0)
        {
            assessment.Find("tpm.ak.missing", AttestationStatus.None, "there is no attestation key: give its certificate");
            return null;
        }

        if (keys.Any(key => !key.Is(keys[0])))
        {
            assessment.Find("tpm.ak.mismatch", AttestationStatus.Contraindicated, "certificate, public area and public key are not of one key");
            return null;
        }

        return new TpmKeyParts(keys[0], area, parent);
    }

    /// <summary>
    /// Whether the public area, when there is one, is the signer's: bound by the quote's own name of its signer, or, for a key
    /// below another that is not given, at least of the one usual form.
    /// </summary>
    internal bool IsOf(TpmAttest quote, TpmSignature signature) =>
        Area is null ? Parent is null : Area.IsSigner(quote.QualifiedSigner.Span, Parent) || (Parent is null && Area.IsUsual(signature));

    private static bool TryArea(string file, EvidenceParts parts, Assessment assessment, out TpmPublic? area)
    {
        area = null;
        if (!parts.TryEvidence(file, out ReadOnlyMemory<byte> encoded))
        {
            return true;
        }

        Outcome<TpmPublic> known = TpmPublic.Parse(encoded);
        if (!known.Succeeded)
        {
            assessment.Find("tpm.ak.format", known.Failure);
            return false;
        }

        area = known.Value;
        return true;
    }

    private static bool Add<T>(Outcome<T> read, Func<T, PublicKey> keyOf, List<PublicKey> keys, Assessment assessment)
    {
        if (!read.Succeeded)
        {
            assessment.Find("tpm.ak.format", read.Failure);
            return false;
        }

        keys.Add(keyOf(read.Value));
        return true;
    }
}
