using System.Collections.Frozen;

namespace Culvert.Attestation;

/// <summary>The names of files in a folder of evidence.</summary>
internal static class EvidenceFile
{
    internal const string IntelQuote = "quote.bin";
    internal const string IntelCollateral = "collateral.json";
    internal const string SnpReport = "report.bin";
    internal const string Vcek = "vcek.der";
    internal const string Vlek = "vlek.der";
    internal const string AmdRevocations = "crl.der";
    internal const string HclReport = "hcl-report.bin";
    internal const string RuntimeData = "runtime-data.json";
    internal const string AzureTpmAttest = "tpm-quote.attest.bin";
    internal const string AzureTpmSignature = "tpm-quote.sig-rsassa-sha256.bin";
    internal const string NitroDocument = "attestation.cbor";
    internal const string TpmAttest = "quote.attest.bin";
    internal const string TpmSignature = "quote.tpmt-signature.bin";
    internal const string Registers = "pcrs-sha256.json";
    internal const string TpmAkCertificate = "ak-certificate.der";
    internal const string TpmAkPublic = "ak-public.tpmt-public.bin";
    internal const string TpmAkParent = "ak-parent.tpmt-public.bin";
    internal const string AkPublicKey = "ak-public.spki.der";
    internal const string TpmEventLog = "event-log.bin";
    internal const string Simulation = "simulation.bin";

    /// <summary>Files that are what their names say, and are not looked into for anything else.</summary>
    internal static readonly FrozenSet<string> Names =
    [
        IntelQuote, IntelCollateral, SnpReport, Vcek, Vlek, AmdRevocations, HclReport, RuntimeData, AzureTpmAttest, AzureTpmSignature,
        NitroDocument, TpmAttest, TpmAkCertificate, TpmAkPublic, TpmAkParent, AkPublicKey, TpmEventLog, Simulation,
    ];

    /// <summary>A TPM's quotes: one, or one for each bank of registers.</summary>
    internal static readonly string[] TpmAttestNames =
        [TpmAttest, "quote-sha256.attest.bin", "quote-sha384.attest.bin", "quote-sha1.attest.bin"];
}
