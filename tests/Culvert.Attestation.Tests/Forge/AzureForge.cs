using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation.Tests.Forge;

/// <summary>
/// An Azure of the tests' own on Intel TDX: a vTPM's RSA key in runtime data, bound by a quote of a forged Intel, with the local
/// report that the quote was made of.
/// </summary>
internal sealed class AzureForge : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);

    internal IntelForge Intel { get; } = new(tdx: true);

    internal byte[] Nonce { get; set; } = [1, 2, 3, 4];

    internal byte[][] Registers { get; } = [.. Enumerable.Range(0, 24).Select(index => SHA256.HashData([(byte)index]))];

    /// <summary>The hash of a service domain, which quotes of TDX 1.0 do not state.</summary>
    internal byte ServiceDomain { get; set; }

    internal Dictionary<string, ReadOnlyMemory<byte>> Files()
    {
        byte[] runtimeData = RuntimeData();
        Intel.ReportData = [.. SHA256.HashData(runtimeData), .. new byte[32]];
        Dictionary<string, ReadOnlyMemory<byte>> files = Intel.Files();
        byte[] attest = TpmForge.Attest(Nonce, SHA256.HashData([.. Registers.SelectMany(value => value)]));
        files["hcl-report.bin"] = HclReport(LocalReport(files["quote.bin"].Span.Slice(Intel.Version == 5 ? 54 : 48, 584)), runtimeData);
        files["tpm-quote.attest.bin"] = attest;
        files["tpm-quote.sig-rsassa-sha256.bin"] = _key.SignData(attest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        files["pcrs-sha256.json"] = JsonSerializer.SerializeToUtf8Bytes(Registers.Select(Convert.ToHexStringLower));
        return files;
    }

    internal AttestationVerdict Verify(Dictionary<string, ReadOnlyMemory<byte>>? files = null, VerificationPolicy? policy = null) =>
        Verifier.Verify(Samples.Of(files ?? Files()), Collateral.None, CertificateForge.Now, policy ?? VerificationPolicy.None, Intel.Roots);

    public void Dispose()
    {
        _key.Dispose();
        Intel.Dispose();
    }

    private byte[] RuntimeData()
    {
        RSAParameters key = _key.ExportParameters(false);
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            keys = new[] { new { kid = "HCLAkPub", key_ops = new[] { "sign" }, kty = "RSA", e = Base64Url.EncodeToString(key.Exponent), n = Base64Url.EncodeToString(key.Modulus) } },
        });
    }

    private byte[] LocalReport(ReadOnlySpan<byte> body)
    {
        byte[] report = new byte[1024];
        report[0] = 0x81;
        report[2] = (byte)(ServiceDomain == 0 ? 0 : 1);
        report.AsSpan(16, 16).Fill(6);
        body[520..584].CopyTo(report.AsSpan(128));
        report.AsSpan(224, 32).Fill(0x3A);
        report[256] = 0xFF;
        body[..120].CopyTo(report.AsSpan(264));
        body[120..520].CopyTo(report.AsSpan(512));
        report.AsSpan(912, 48).Fill(ServiceDomain);
        SHA384.HashData(report.AsSpan(256, 239), report.AsSpan(32));
        SHA384.HashData(report.AsSpan(512), report.AsSpan(80));
        return report;
    }

    private static byte[] HclReport(byte[] hardware, byte[] runtimeData)
    {
        byte[] data = [.. U32(20 + runtimeData.Length), .. U32(1), .. U32(4), .. U32(1), .. U32(runtimeData.Length), .. runtimeData];
        return [.. Encoding.ASCII.GetBytes("HCLA"), .. U32(2), .. U32(32 + 1184 + data.Length), .. U32(2), .. new byte[16], .. hardware, .. new byte[160], .. data, .. new byte[100]];
    }

    private static byte[] U32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
