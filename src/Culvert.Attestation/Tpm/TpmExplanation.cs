namespace Culvert.Attestation;

/// <summary>A TPM quote's fields in words.</summary>
internal static class TpmExplanation
{
    internal static Failure? Explain(Evidence evidence, FieldList fields)
    {
        foreach (string name in EvidenceFile.TpmAttestNames)
        {
            if (evidence.TryGet(name, out ReadOnlyMemory<byte> attest) && ExplainQuote(attest, name, fields) is { } failure)
            {
                return failure;
            }
        }

        if (evidence.TryGet(EvidenceFile.TpmAkCertificate, out ReadOnlyMemory<byte> encoded))
        {
            Outcome<Certificate> certificate = Certificate.Parse(encoded, EvidenceFile.TpmAkCertificate);
            if (!certificate.Succeeded)
            {
                return certificate.Failure;
            }

            fields.Section("attestation key's certificate");
            fields.Add(certificate.Value);
        }

        return null;
    }

    internal static Failure? ExplainQuote(ReadOnlyMemory<byte> attest, string section, FieldList fields)
    {
        Outcome<TpmAttest> parsed = TpmAttest.Parse(attest);
        if (!parsed.Succeeded)
        {
            return parsed.Failure;
        }

        TpmAttest quote = parsed.Value;
        fields.Section(section);
        fields.Add("qualifiedSigner", quote.QualifiedSigner.Span, "the name of the key that signed");
        fields.Add("extraData", quote.ExtraData.Span, "what whoever asked for the quote gave: the nonce");
        fields.Add("resetCount", quote.ResetCount, "how often the TPM was reset");
        fields.Add("restartCount", quote.RestartCount, "how often it was restarted since");
        fields.Add("firmwareVersion", quote.FirmwareVersion, "the TPM's firmware, as its maker counts");
        foreach (PcrSelection selection in quote.Selections)
        {
            fields.Add($"registers of {selection.Bank}", string.Join(",", selection.Indices), "which registers the digest is over");
        }

        fields.Add("pcrDigest", quote.PcrDigest.Span, "the hash of those registers' values");
        return null;
    }
}
