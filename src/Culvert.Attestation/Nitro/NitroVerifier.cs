using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>Verifies a Nitro document: chain to AWS's root, signature, and that the enclave is not in debug mode.</summary>
internal static class NitroVerifier
{
    /// <summary>Image, kernel and application: what an enclave always has, and what is zero in debug mode.</summary>
    private static readonly int[] s_imageRegisters = [0, 1, 2];

    internal static void Verify(EvidenceParts parts, Certificate root, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.NitroDocument, out ReadOnlyMemory<byte> bytes))
        {
            assessment.Find("nitro.document.missing", AttestationStatus.None, "attestation.cbor is missing");
            return;
        }

        Outcome<NitroDocument> parsed = NitroDocument.Parse(bytes);
        if (!parsed.Succeeded)
        {
            assessment.Find("nitro.document.format", parsed.Failure);
            return;
        }

        NitroDocument document = parsed.Value;
        Record(document, assessment);
        if (VerifyChain(document, root, assessment) is not { } leaf)
        {
            return;
        }

        if (!leaf.MaySign || !leaf.Key.VerifiesFixed(document.Signed, document.Signature, HashAlgorithmName.SHA384))
        {
            assessment.Forged("nitro.signature", "the document's signature does not hold");
            return;
        }

        assessment.Vector = assessment.Vector with { InstanceIdentity = 2, Hardware = 2, RuntimeOpaque = 2 };
        assessment.Tcb = new TcbAssessment("NotApplicable", []);
        if (s_imageRegisters.Any(index => !document.Registers.TryGetValue(index, out byte[]? value) || !value.AsSpan().ContainsAnyExcept((byte)0)))
        {
            assessment.Find("nitro.debug", AttestationStatus.Contraindicated, "PCR 0, 1 or 2 is zero: the enclave runs in debug mode, and its console and memory can be read");
            assessment.Vector = assessment.Vector with { RuntimeOpaque = 96 };
        }

        assessment.Complete();
    }

    private static Certificate? VerifyChain(NitroDocument document, Certificate root, Assessment assessment)
    {
        List<Certificate> chain = [];
        foreach (byte[] encoded in document.Bundle.Append(document.Certificate).Reverse())
        {
            Outcome<Certificate> certificate = Certificate.Parse(encoded, "Nitro chain");
            if (!certificate.Succeeded)
            {
                assessment.Find("nitro.chain.format", certificate.Failure);
                return null;
            }

            chain.Add(certificate.Value);
        }

        if (CertificateChain.Verify(chain, root, assessment.At, assessment.Memory, "Nitro chain") is { } fault)
        {
            assessment.Find("nitro.chain", fault);
            return null;
        }

        return chain[0];
    }

    private static void Record(NitroDocument document, Assessment assessment)
    {
        foreach ((int index, byte[] value) in document.Registers)
        {
            assessment.Measure(string.Create(CultureInfo.InvariantCulture, $"pcr{index}"), value);
        }

        assessment.Measure("moduleid", System.Text.Encoding.UTF8.GetBytes(document.ModuleId));
        assessment.Measure("timestamp", document.Timestamp);
        assessment.Measure("publickey", document.PublicKey ?? []);
        assessment.Measure("nonce", document.Nonce ?? []);
        assessment.ReportData = [.. document.UserData ?? []];
    }
}
