using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>Evidence that comes as one JSON document, in the shapes that agents and services send, under roots of the tests' own.</summary>
public class EvidenceDocumentTests
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    private static readonly Dictionary<string, Func<Dictionary<string, ReadOnlyMemory<byte>>, object>> s_azure = new()
    {
        ["hexadecimal, and base64 of the alphabet for addresses"] = files => new
        {
            version = 1,
            tpm_quote = new { signature = Hex(files["tpm-quote.sig-rsassa-sha256.bin"]), message = Hex(files["tpm-quote.attest.bin"]), pcrs = Registers(files) },
            hcl_report = UrlSafe(files["hcl-report.bin"]),
            td_quote = UrlSafe(files["quote.bin"]).TrimEnd('='),
            collateral = JsonNode.Parse(files["collateral.json"].Span),
        },
        ["lists of byte values"] = files => new
        {
            quote = new { message = Values(files["tpm-quote.attest.bin"]), pcrs = Registers(files).Select(text => Values(Convert.FromHexString(text))), signature = Values(files["tpm-quote.sig-rsassa-sha256.bin"]) },
            report = Values(files["hcl-report.bin"]),
            td_quote = Values(files["quote.bin"]),
            collateral = JsonNode.Parse(files["collateral.json"].Span),
        },
    };

    public static TheoryData<string> AzureShapes => [.. s_azure.Keys];

    [Theory]
    [MemberData(nameof(AzureShapes))]
    public void An_Azure_machines_document_has_the_verdict_of_its_folder(string shape)
    {
        using AzureForge azure = new();
        Dictionary<string, ReadOnlyMemory<byte>> folder = azure.Files();

        AttestationVerdict usual = azure.Verify(folder);
        AttestationVerdict document = Verify(azure, Document(s_azure[shape](folder)));

        Assert.Equal((EvidenceKind.AzureTdx, AttestationStatus.Affirming), (document.Kind, document.Status));
        Assert.Equal(VerdictDocument.Write(usual), VerdictDocument.Write(document));
    }

    [Theory]
    [MemberData(nameof(AzureShapes))]
    public void No_bit_of_a_document_may_be_altered_but_its_version(string shape)
    {
        using AzureForge azure = new();
        byte[] document = Document(s_azure[shape](azure.Files()));
        List<string> affirmed = [];
        for (int i = 0; i < document.Length; i += Nightly.Count(29, 1))
        {
            byte[] altered = [.. document];
            altered[i] ^= (byte)(1 << (i % 8));
            Outcome<Evidence> evidence = Evidence.Detect(altered);
            if (evidence.Succeeded && !IsSpelling(document, i)
                && Verifier.Verify(evidence.Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, azure.Intel.Roots).Status == AttestationStatus.Affirming
                && !IsLocal(document, altered, i))
            {
                affirmed.Add($"{i}: {Encoding.UTF8.GetString(document.AsSpan(Math.Max(0, i - 20), Math.Min(40, document.Length - Math.Max(0, i - 20))))}");
            }
        }

        Assert.Empty(affirmed);
    }

    [Fact]
    public void A_report_with_its_key_in_a_document_is_as_good_as_in_files()
    {
        using AmdForge amd = new(AmdProduct.Genoa);
        Dictionary<string, ReadOnlyMemory<byte>> files = amd.Files();
        byte[] base64 = Document(new { attestation_report = Base64(files["report.bin"]), cert_chain = new { vcek = Base64(files["vcek.der"]) } });
        byte[] pem = Document(new { report = Hex(files["report.bin"]), vcekCert = PemEncoding.WriteString("CERTIFICATE", files["vcek.der"].Span) + "\n", tcbm = "DB18000000000004" });
        byte[] certificates = Document(new { attestation_report = Values(files["report.bin"]), cert_chain = new[] { new { cert_type = "VCEK", data = Values(files["vcek.der"]) } } });

        foreach (byte[] document in new[] { base64, pem, certificates })
        {
            AttestationVerdict verdict = Verifier.Verify(Evidence.Detect(document).Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, amd.Roots);
            Assert.Equal((EvidenceKind.SevSnp, AttestationStatus.Affirming), (verdict.Kind, verdict.Status));
        }
    }

    [Fact]
    public void A_quote_with_its_collateral_in_a_document_is_as_good_as_in_files()
    {
        using IntelForge intel = new(tdx: true) { Version = 5 };
        Dictionary<string, ReadOnlyMemory<byte>> files = intel.Files();
        byte[] document = Document(new { quote = Hex(files["quote.bin"]), collateral = JsonNode.Parse(files["collateral.json"].Span), event_log = "[]" });

        AttestationVerdict verdict = Verifier.Verify(Evidence.Detect(document).Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, intel.Roots);

        Assert.Equal((EvidenceKind.Tdx, AttestationStatus.Affirming), (verdict.Kind, verdict.Status));
    }

    [Fact]
    public void A_Nitro_document_within_a_document_is_found()
    {
        using NitroForge nitro = new() { IndefinitePayload = true };
        byte[] document = Document(new { attestation_doc = Base64(nitro.Document()) });

        AttestationVerdict verdict = Verifier.Verify(
            Evidence.Detect(document).Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, VendorRoots.BuiltIn with { Nitro = CertificateForge.Read(nitro.Root) });

        Assert.Equal((EvidenceKind.AwsNitro, AttestationStatus.Affirming), (verdict.Kind, verdict.Status));
    }

    [Theory]
    [InlineData("{\"attestation_report\":1}", "no evidence")]
    [InlineData("{\"elsewhere\":\"HERE\"}", "a member that is not known")]
    [InlineData("{\"quote\":\"HERE\",\"report\":\"OTHER\"}", "two quotes")]
    [InlineData("{\"quote\":\"HERE\",\"quote\":\"HERE\"}", "a member twice")]
    [InlineData("{\"quote\":\"HERE\"", "no end")]
    [InlineData("{\"quote\":\"HERE\",\"vcek\":\"no certificate\"}", "evidence that is named and is none")]
    [InlineData("{\"quote\":\"HERE\",\"hcl_report\":[1,2,3]}", "evidence that is named and is none, in values")]
    [InlineData("{\"quote\":\"HERE\",\"collateral\":{\"version\":3}}", "collateral that is none")]
    [InlineData("{\"quote\":{\"quote\":\"HERE\",\"message\":{}},\"x\":0}", "a member that is not known, later")]
    public void What_is_not_such_a_document_is_no_evidence(string text, string why)
    {
        using IntelForge intel = new(tdx: true);
        using IntelForge other = new(tdx: true);
        text = text.Replace("HERE", Hex(intel.Files()["quote.bin"]), StringComparison.Ordinal).Replace("OTHER", Hex(other.Files()["quote.bin"]), StringComparison.Ordinal);

        Assert.False(Evidence.Detect(Encoding.UTF8.GetBytes(text)).Succeeded, why);
    }

    [Fact]
    public void A_key_merely_named_in_a_document_affirms_nothing()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("tpm2-a");
        byte[] document = Document(new
        {
            ak_public = Base64(files["ak-public.spki.der"]),
            tpm_quote = new { message = Base64(files["quote.attest.bin"]), pcrs = Registers(files), signature = Base64(files["quote.tpmt-signature.bin"]) },
        });

        AttestationVerdict verdict = Verifier.Verify(Evidence.Detect(document).Value, Collateral.None, Samples.Time("2025-06-01"));

        Assert.Equal((EvidenceKind.Tpm2, AttestationStatus.None, "tpm.ak.unbound"), (verdict.Kind, verdict.Status, verdict.FailedCheck?.Check));
    }

    /// <summary>Nobody authenticates a document's own version, spaces between members, and the padding behind a quote.</summary>
    private static bool IsSpelling(byte[] document, int index) =>
        document[index] is (byte)' ' or (byte)'\n' || document.AsSpan(0, index).EndsWith("\"version\": "u8);

    /// <summary>CPUSVN and MAC of the local report: only the machine itself could check them.</summary>
    private static bool IsLocal(byte[] document, byte[] altered, int index)
    {
        int from = document.AsSpan().IndexOf("report\": "u8);
        int to = document.AsSpan().IndexOf("\"td_quote\""u8);
        return index > from && index < to && Local(altered).AsSpan().SequenceEqual(Local(document));
    }

    private static byte[] Local(byte[] document)
    {
        JsonNode root = JsonNode.Parse(document)!;
        byte[] report = root["hcl_report"] is { } text
            ? Convert.FromBase64String(((string)text!).Replace('-', '+').Replace('_', '/'))
            : [.. root["report"]!.AsArray().Select(value => (byte)value!)];
        report.AsSpan(48, 16).Clear();
        report.AsSpan(256, 32).Clear();
        return report;
    }

    private static AttestationVerdict Verify(AzureForge azure, byte[] document) =>
        Verifier.Verify(Evidence.Detect(document).Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, azure.Intel.Roots);

    private static byte[] Document(object content) => JsonSerializer.SerializeToUtf8Bytes(content, s_plain);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Base64(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span);

    private static string UrlSafe(ReadOnlyMemory<byte> bytes) => Base64(bytes).Replace('+', '-').Replace('/', '_');

    private static int[] Values(ReadOnlyMemory<byte> bytes) => [.. bytes.ToArray().Select(value => (int)value)];

    private static string[] Registers(Dictionary<string, ReadOnlyMemory<byte>> files) => JsonNode.Parse(files["pcrs-sha256.json"].Span) switch
    {
        JsonArray values => [.. values.Select(value => (string)value!)],
        JsonNode values => [.. values.AsObject().Select(member => (string)member.Value!)],
        null => [],
    };
}
