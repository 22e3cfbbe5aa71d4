using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>Tells kinds of evidence apart by their first bytes. A guess that the verifier of the kind then proves.</summary>
internal static class EvidenceDetection
{
    internal static (EvidenceKind Kind, string File)? KindOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("HCLA"u8))
        {
            return (HclReport.IsOfTdx(bytes) ? EvidenceKind.AzureTdx : EvidenceKind.AzureSevSnp, EvidenceFile.HclReport);
        }

        if (bytes.Length >= 6 && BinaryPrimitives.ReadUInt32BigEndian(bytes) == TpmAttest.Magic)
        {
            return (EvidenceKind.Tpm2, EvidenceFile.TpmAttest);
        }

        if (bytes.Length >= 2 && (bytes[0] == 0x84 || (bytes[0] == 0xd2 && bytes[1] == 0x84)))
        {
            return (EvidenceKind.AwsNitro, EvidenceFile.NitroDocument);
        }

        if (bytes.StartsWith(SimulationEvidence.Magic))
        {
            return (EvidenceKind.Simulation, EvidenceFile.Simulation);
        }

        return bytes.Length == SnpReport.Bytes && BinaryPrimitives.ReadUInt32LittleEndian(bytes) is >= 2 and < 16
            ? (EvidenceKind.SevSnp, EvidenceFile.SnpReport)
            : bytes.Length >= IntelQuote.HeaderBytes ? QuoteKind(bytes) : null;
    }

    internal static EvidenceKind? KindOf(EvidenceFiles files)
    {
        if (files.TryGet(EvidenceFile.HclReport, out ReadOnlyMemory<byte> hcl))
        {
            return HclReport.IsOfTdx(hcl.Span) ? EvidenceKind.AzureTdx : EvidenceKind.AzureSevSnp;
        }

        if (files.TryGet(EvidenceFile.IntelQuote, out ReadOnlyMemory<byte> quote))
        {
            return KindOf(quote.Span) is { Kind: EvidenceKind.Sgx or EvidenceKind.Tdx } found ? found.Kind : null;
        }

        return files.Has(EvidenceFile.SnpReport) ? EvidenceKind.SevSnp
            : files.Has(EvidenceFile.NitroDocument) ? EvidenceKind.AwsNitro
            : files.Has(EvidenceFile.Simulation) ? EvidenceKind.Simulation
            : EvidenceFile.TpmAttestNames.Any(files.Has) ? EvidenceKind.Tpm2
            : null;
    }

    /// <summary>A quote names the type of its attestation key, where a SEV-SNP report has the high bytes of its version.</summary>
    private static (EvidenceKind Kind, string File)? QuoteKind(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes) is >= 3 and <= 5 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) != 0
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) switch
            {
                IntelQuote.TeeTypeSgx => (EvidenceKind.Sgx, EvidenceFile.IntelQuote),
                IntelQuote.TeeTypeTdx => (EvidenceKind.Tdx, EvidenceFile.IntelQuote),
                _ => null,
            }
            : null;
}
