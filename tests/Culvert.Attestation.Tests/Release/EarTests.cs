using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Culvert.Sealing;

namespace Culvert.Attestation.Tests.Release;

public sealed class EarTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly PlayEnclave _enclave = new();
    private readonly StillClock _clock = new(Forge.CertificateForge.Now);

    [Fact]
    public async Task A_result_states_what_was_verified_and_released()
    {
        (ReleaseRequest request, string jws, ReadOnlyMemory<byte> key) = await ResultAsync();

        EarResult result = PlayOwner.Value(EarVerifier.Verify(jws, key));

        ReleaseBinding binding = request.Binding;
        Assert.Equal((EvidenceKind.Simulation, AttestationStatus.Warning), (result.Kind, result.Status));
        Assert.Equal(_clock.UtcNow, result.IssuedAt);
        Assert.Equal((sbyte)32, result.Trustworthiness.Hardware);
        Assert.Equal(binding.ReportData(), result.ReportData);
        Assert.Equal(binding.Nonce, result.Nonce);
        Assert.Equal(binding.Manifest, result.Manifest);
        Assert.Equal((1, _owner.Job, binding.Plan, binding.Run, binding.Epoch), (result.ManifestVersion, result.Job, result.Plan, result.Run, result.Epoch));
        Assert.Equal(binding.Stages, result.Stages);
        Assert.Equal(SHA256.HashData(binding.ReleaseKey.AsSpan()), result.ReleaseKey);
        Assert.Equal(SHA256.HashData(binding.SigningKey.AsSpan()), result.SigningKey);
        Assert.Equal(EarResult.DigestOf(request.Evidence), result.Evidence);
        Assert.Equal(Convert.ToHexStringLower(PlayOwner.SimulatedMeasurement), result.Measurements["measurement"]);
    }

    [Fact]
    public async Task The_payload_has_EARs_claims_where_others_look_for_them()
    {
        (_, string jws, _) = await ResultAsync();
        using JsonDocument payload = JsonDocument.Parse(Base64Url.DecodeFromChars(jws.Split('.')[1]));
        JsonElement root = payload.RootElement;

        Assert.Equal("tag:github.com,2023:veraison/ear", root.GetProperty("eat_profile").GetString());
        Assert.Equal(_clock.UtcNow.ToUnixTimeSeconds(), root.GetProperty("iat").GetInt64());
        Assert.Equal(43, root.GetProperty("eat_nonce").GetString()!.Length);
        Assert.NotEmpty(root.GetProperty("ear.verifier-id").GetProperty("build").GetString()!);
        Assert.NotEmpty(root.GetProperty("ear.verifier-id").GetProperty("developer").GetString()!);
        JsonElement attester = Assert.Single(root.GetProperty("submods").EnumerateObject()).Value;
        Assert.Equal("warning", attester.GetProperty("ear.status").GetString());
        Assert.Equal(32, attester.GetProperty("ear.trustworthiness-vector").GetProperty("hardware").GetInt32());
    }

    [Fact]
    public async Task Another_programs_ES256_accepts_the_signature()
    {
        (_, string jws, ReadOnlyMemory<byte> key) = await ResultAsync();
        string[] parts = jws.Split('.');
        string folder = Directory.CreateTempSubdirectory("culvert-ear-").FullName;
        try
        {
            byte[] signature = Base64Url.DecodeFromChars(parts[2]);
            await File.WriteAllTextAsync(Path.Combine(folder, "signed"), $"{parts[0]}.{parts[1]}", TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(folder, "key.der"), key.ToArray(), TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(folder, "signature.der"), Der(signature), TestContext.Current.CancellationToken);
            string[] arguments = ["dgst", "-sha256", "-keyform", "DER", "-verify", "key.der", "-signature", "signature.der", "signed"];

            Assert.Equal((0, "Verified OK"), await OpenSslAsync(folder, arguments));

            signature[40] ^= 1;
            await File.WriteAllBytesAsync(Path.Combine(folder, "signature.der"), Der(signature), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, (await OpenSslAsync(folder, arguments)).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Another_key_algorithm_header_or_encoding_is_refused()
    {
        (_, string jws, ReadOnlyMemory<byte> key) = await ResultAsync();
        using ECDsa other = SigningKeys.Generate(SystemEntropy.Instance);
        string[] parts = jws.Split('.');
        string header = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0]));
        string Header(string text) => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{parts[1]}.{parts[2]}";

        Assert.Equal(FailureKind.Mismatch, EarVerifier.Verify(jws, other.ExportSubjectPublicKeyInfo()).Failure?.Kind);
        Assert.Contains("alg", EarVerifier.Verify(Header(header.Replace("ES256", "none", StringComparison.Ordinal)), key).Failure?.Message, StringComparison.Ordinal);
        Assert.Contains("alg", EarVerifier.Verify(Header(header.Replace("ES256", "HS256", StringComparison.Ordinal)), key).Failure?.Message, StringComparison.Ordinal);
        Assert.All(
            new[]
            {
                $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}", $"{jws}.", $"{jws}=", $" {jws}", jws.Replace('-', '+') + "/", "..", "",
                Header(header.Replace("}", ",\"crit\":[\"x\"]}", StringComparison.Ordinal)), Header(header.Replace("{", "{ ", StringComparison.Ordinal)), Header("{}"), Header("[]"),
            },
            flaw => Assert.False(EarVerifier.Verify(flaw, key).Succeeded, flaw));
    }

    [Fact]
    public async Task Any_altered_character_is_refused()
    {
        (_, string jws, ReadOnlyMemory<byte> key) = await ResultAsync();
        for (int i = 0; i < jws.Length; i += 5)
        {
            string altered = jws[..i] + (jws[i] == 'A' ? 'B' : 'A') + jws[(i + 1)..];
            Assert.False(EarVerifier.Verify(altered, key).Succeeded, $"character {i}");
        }
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
    }

    private async Task<(ReleaseRequest Request, string Jws, ReadOnlyMemory<byte> Key)> ResultAsync()
    {
        using KeyBrokerCore core = _owner.Broker(_clock);
        PlayOwner.Value(await core.TakeAsync(_owner.History(_owner.First()), TestContext.Current.CancellationToken));
        ReleaseChallenge challenge = PlayOwner.Value(await core.ChallengeAsync(new ReleaseAsk { Job = _owner.Job, Plan = PlayOwner.Plan }, TestContext.Current.CancellationToken));
        ReleaseRequest request = PlayEnclave.Simulated(_enclave.Bind(challenge, _owner.Job, 1), _owner.Development);
        ReleaseAnswer answer = PlayOwner.Value(await core.ReleaseAsync(request, TestContext.Current.CancellationToken));
        return (request, answer.Result, core.BrokerKey.AsMemory());
    }

    private static byte[] Der(byte[] signature)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Trim(signature.AsSpan(0, 32)));
            writer.WriteIntegerUnsigned(Trim(signature.AsSpan(32)));
        }

        return writer.Encode();

        static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> number) => number.TrimStart((byte)0) is { Length: > 0 } trimmed ? trimmed : [0];
    }

    private static async Task<(int Code, string Said)> OpenSslAsync(string folder, string[] arguments)
    {
        ProcessStartInfo start = new("openssl", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("openssl is not installed, so no other program checks the signature");
            return default;
        }

        using (process)
        {
            string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, said.Trim());
        }
    }
}
