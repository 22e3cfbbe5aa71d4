using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Culvert.Attestation.Tests;

/// <summary>Real evidence laid out as other tools lay it out: the same verdict, and no byte of it may be altered either.</summary>
public class LayoutTests
{
    /// <summary>Without escapes: \u002B and \u002b are the same sign.</summary>
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Layouts => [.. s_layouts.Keys];

    private static readonly Dictionary<string, (string Sample, string At, Func<Dictionary<string, ReadOnlyMemory<byte>>, Dictionary<string, ReadOnlyMemory<byte>>> Lay)> s_layouts = new()
    {
        ["a quote in hexadecimal under another name"] = ("intel-tdx-v5-a", "2025-07-01", files => new() { ["quote.hex"] = Text(Convert.ToHexStringLower(files["quote.bin"].Span) + "\n"), ["collateral.json"] = files["collateral.json"] }),
        ["a quote in hexadecimal with 0x before it"] = ("intel-tdx-v5-a", "2025-07-01", files => new() { ["quote"] = Text("0x" + Convert.ToHexStringLower(files["quote.bin"].Span)), ["collateral.json"] = files["collateral.json"] }),
        ["a document in base64 of the alphabet for addresses"] = ("aws-nitro-a", "2021-03-17T23:00:00Z", files => new() { ["document"] = Text(Convert.ToBase64String(files["attestation.cbor"].Span).Replace('+', '-').Replace('/', '_').TrimEnd('=')) }),
        ["a quote in base64"] = ("intel-tdx-v5-a", "2025-07-01", files => new() { ["quote.bin"] = Text(Convert.ToBase64String(files["quote.bin"].Span)), ["sgx_quote_collateral.json"] = files["collateral.json"] }),
        ["collateral in camel case, its signed texts as the service answers"] = ("intel-tdx-v5-a", "2025-07-01", files => new() { ["quote.bin"] = files["quote.bin"], ["collateral.json"] = CamelCase(files["collateral.json"]) }),
        ["collateral as loose answers, lists and chain"] = ("intel-tdx-v5-a", "2025-07-01", Loose),
        ["a certificate and its chain in PEM"] = ("amd-snp-milan-v5-gcp", "2026-06-01", files => new() { ["attestation-report.bin"] = files["report.bin"], ["vcek.pem"] = Text(Pem(files["vcek.der"]) + Encoding.ASCII.GetString(Samples.Bytes("roots", "amd-milan-ask-ark.pem"))) }),
        ["a report with the host's certificates behind it"] = ("amd-snp-milan-v5-gcp", "2026-06-01", files => new() { ["report.bin"] = Extended(files) }),
        ["a report in the kernel's buffer"] = ("amd-snp-milan-v3-vlek", "2025-06-01", files => new() { ["report.bin"] = (byte[])[.. files["report.bin"].Span, .. new byte[2816]], ["vlek.pem"] = Text(Pem(files["vlek.der"])) }),
        ["a document in base64"] = ("aws-nitro-a", "2021-03-17T23:00:00Z", files => new() { ["document.b64"] = Text(Convert.ToBase64String(files["attestation.cbor"].Span) + "\n") }),
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_verdict_is_that_of_the_usual_layout(string layout)
    {
        (string sample, string at, var lay) = s_layouts[layout];

        AttestationVerdict usual = Samples.Verify(sample, at);
        AttestationVerdict other = Samples.Verify(lay(Samples.Files(sample)), at);

        Assert.Equal(AttestationStatus.Affirming, other.Status);
        Assert.Equal(VerdictDocument.Write(usual), VerdictDocument.Write(other));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void An_altered_byte_is_never_affirmed(string layout)
    {
        (string sample, string at, var lay) = s_layouts[layout];
        Dictionary<string, ReadOnlyMemory<byte>> files = lay(Samples.Files(sample));
        List<string> affirmed = [];
        foreach ((string name, ReadOnlyMemory<byte> original) in files.ToArray())
        {
            for (int i = 0; i < original.Length; i += Nightly.Count(61, 1))
            {
                byte[] altered = original.ToArray();
                altered[i] ^= (byte)(1 << (i % 8));
                files[name] = altered;
                Outcome<Evidence> evidence = Evidence.Detect(files);
                if (evidence.Succeeded && !IsPadding(original, altered)
                    && Verifier.Verify(evidence.Value, Collateral.None, Samples.Time(at)).Status == AttestationStatus.Affirming)
                {
                    affirmed.Add($"{name} {i:x}");
                }
            }

            files[name] = original;
        }

        Assert.Empty(affirmed);
    }

    [Fact]
    public void One_file_may_hold_a_report_and_its_certificate()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("amd-snp-milan-v5-gcp");

        Evidence evidence = Evidence.Detect(Extended(files)).Value;

        Assert.Equal(EvidenceKind.SevSnp, evidence.Kind);
        Assert.Equal(AttestationStatus.Affirming, Verifier.Verify(evidence, Collateral.None, Samples.Time("2026-06-01")).Status);
    }

    [Fact]
    public void Of_two_candidates_none_is_taken()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("amd-snp-milan-v2-b");
        files["right.der"] = files["vcek.der"];
        files.Remove("vcek.der");

        Assert.Equal("amd.certificate.missing", Samples.Verify(files, "2025-06-01").FailedCheck?.Check);

        files.Remove("negative-vcek-legacy.der");
        files.Remove("negative-vcek-new.der");
        Assert.Equal(AttestationStatus.Affirming, Samples.Verify(files, "2025-06-01").Status);
    }

    [Fact]
    public void Loose_collateral_that_is_given_apart_goes_before_what_lies_beside()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Loose(Samples.Files("intel-tdx-v5-a"));
        Dictionary<string, ReadOnlyMemory<byte>> apart = new(files);
        apart.Remove("quote.bin");
        files["tcbinfo.json"] = Text("{}");

        AttestationVerdict verdict = Verifier.Verify(Samples.Of(files), Collateral.Of(apart).Value, Samples.Time("2025-07-01"));

        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
    }

    [Fact]
    public void Loose_collateral_that_lacks_a_part_says_which()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Loose(Samples.Files("intel-tdx-v5-a"));
        files.Remove("rootcrl.der");

        AttestationVerdict verdict = Samples.Verify(files, "2025-07-01");

        Assert.Equal("intel.collateral.missing", verdict.FailedCheck?.Check);
        Assert.Contains("once each: root CRL)", verdict.FailedCheck!.Message, StringComparison.Ordinal);
    }

    /// <summary>The last sign of base64 may become a byte behind the quote's end, where anything may be.</summary>
    private static bool IsPadding(ReadOnlyMemory<byte> original, ReadOnlyMemory<byte> altered) =>
        IntelQuote.Parse(EvidenceText.Decode(original)) is { Succeeded: true } quote
        && EvidenceText.Decode(altered).Span.StartsWith(EvidenceText.Decode(original).Span[..quote.Value.BytesUsed]);

    private static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    private static string Pem(ReadOnlyMemory<byte> certificate) => PemEncoding.WriteString("CERTIFICATE", certificate.Span) + "\n";

    private static ReadOnlyMemory<byte> Extended(Dictionary<string, ReadOnlyMemory<byte>> files)
    {
        byte[] certificate = files["vcek.der"].ToArray();
        return (byte[])
        [
            .. files["report.bin"].Span,
            .. new Guid("63da758d-e664-4564-adc5-f4b93be8accd").ToByteArray(bigEndian: true),
            48, 0, 0, 0, (byte)certificate.Length, (byte)(certificate.Length >> 8), 0, 0, .. new byte[24], .. certificate,
        ];
    }

    private static ReadOnlyMemory<byte> CamelCase(ReadOnlyMemory<byte> collateral)
    {
        JsonObject from = JsonNode.Parse(collateral.Span)!.AsObject();
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["pckCrlIssuerChain"] = Uri.EscapeDataString((string)from["pck_crl_issuer_chain"]!),
            ["rootCaCrl"] = PemEncoding.WriteString("X509 CRL", Convert.FromHexString((string)from["root_ca_crl"]!)),
            ["pckCrl"] = PemEncoding.WriteString("X509 CRL", Convert.FromHexString((string)from["pck_crl"]!)),
            ["tcbInfoIssuerChain"] = (string)from["tcb_info_issuer_chain"]!,
            ["qeIdentityIssuerChain"] = (string)from["qe_identity_issuer_chain"]!,
            ["tcbInfo"] = $"{{\"tcbInfo\":{from["tcb_info"]},\"signature\":\"{from["tcb_info_signature"]}\"}}",
            ["qeIdentity"] = $"{{\"enclaveIdentity\":{from["qe_identity"]},\"signature\":\"{from["qe_identity_signature"]}\"}}",
        }, s_plain);
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Loose(Dictionary<string, ReadOnlyMemory<byte>> files)
    {
        JsonObject from = JsonNode.Parse(files["collateral.json"].Span)!.AsObject();
        return new()
        {
            ["quote.bin"] = files["quote.bin"],
            ["tcbinfo.json"] = Text($"{{\"tcbInfo\":{from["tcb_info"]},\"signature\":\"{from["tcb_info_signature"]}\"}}"),
            ["identity.json"] = Text($"{{\"enclaveIdentity\":{from["qe_identity"]},\"signature\":\"{from["qe_identity_signature"]}\"}}"),
            ["signing-chain.pem"] = Text((string)from["tcb_info_issuer_chain"]!),
            ["rootcrl.der"] = Convert.FromHexString((string)from["root_ca_crl"]!),
            ["pckcrl"] = Text((string)from["pck_crl"]!),
        };
    }
}
