using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Culvert.Attestation.Tests.Live;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attest;

/// <summary>The command against a TPM that runs: evidence collected by tpm2-tools, then verified.</summary>
public class LiveTpmTests : WorkFolder
{
    private const string Nonce = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    [Fact]
    public void What_a_TPM_gives_is_affirmed_once_its_key_is_certified()
    {
        using SoftwareTpm tpm = new();
        (string, string) transport = ("TPM2TOOLS_TCTI", tpm.Transport);

        ProgramResult told = CulvertProgram.Run(Folder, null, ["attest", "evidence"], transport);
        ProgramResult collected = CulvertProgram.Run(Folder, null, ["attest", "evidence", "-o", "evidence", "--report-data", Nonce], transport);
        ProgramResult supplied = Culvert("attest", "verify", "--evidence", "evidence");

        Assert.Contains("tpm2-tools (TPM 2.0): available\n", told.Out, StringComparison.Ordinal);
        Assert.Equal((0, 1), (collected.ExitCode, supplied.ExitCode));
        Assert.Contains("\"tpm.ak.unbound\"", supplied.Out, StringComparison.Ordinal);

        File.WriteAllBytes(At("evidence/ak-certificate.der"), Certify(tpm, out byte[] authority));
        Write("policy.json", JsonSerializer.Serialize(new { tpmRoots = new[] { Convert.ToBase64String(authority) }, reportData = Nonce }));
        Write("other.json", JsonSerializer.Serialize(new { tpmRoots = new[] { Convert.ToBase64String(authority) }, reportData = Nonce.Replace('0', '1') }));
        ProgramResult certified = Culvert("attest", "verify", "--evidence", "evidence", "--policy", "policy.json");
        ProgramResult other = Culvert("attest", "verify", "--evidence", "evidence", "--policy", "other.json");

        Assert.Equal((0, 1), (certified.ExitCode, other.ExitCode));
        using JsonDocument verdict = JsonDocument.Parse(certified.Out);
        Assert.Equal(("affirming", Nonce), (verdict.RootElement.GetProperty("status").GetString(), verdict.RootElement.GetProperty("reportData").GetString()));
        Assert.Contains("\"policy.report-data\"", other.Out, StringComparison.Ordinal);
    }

    private static byte[] Certify(SoftwareTpm tpm, out byte[] authority)
    {
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest root = new("CN=TPM authority", authorityKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 issuer = root.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(79));
        authority = issuer.RawData;

        ReadOnlyMemory<byte> encoded = tpm.Tool("tpm2_readpublic", ["-Q", "-c", SoftwareTpm.RsaKey, "-f", "der", "-o", "key.der"], ["key.der"])["key.der"];
        CertificateRequest leaf = new(new X500DistinguishedName("CN=AK"), PublicKey.CreateFromSubjectPublicKeyInfo(encoded.Span, out _), HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = leaf.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), DateTimeOffset.UnixEpoch, issuer.NotAfter, [7]);
        return certificate.RawData;
    }
}
