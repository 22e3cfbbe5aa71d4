using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests.Live;

/// <summary>Quotes by a TPM that runs, with RSA and ECDSA keys that a certificate authority of the test's certified.</summary>
public sealed class LiveTpmTests : IClassFixture<LiveTpm>, IDisposable
{
    private static readonly byte[] s_nonce = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly SoftwareTpm _tpm;

    public LiveTpmTests(LiveTpm live)
    {
        _tpm = live.Tpm;
        _authority = CertificateForge.Authority("TPM authority", _authorityKey);
    }

    public static TheoryData<string> Keys => [SoftwareTpm.RsaKey, SoftwareTpm.EcdsaKey, SoftwareTpm.ChildKey, SoftwareTpm.PssKey, SoftwareTpm.LargeEcdsaKey];

    private VerificationPolicy Policy => new() { TpmRoots = [_authority.RawData], ReportData = [.. s_nonce] };

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_certified_keys_quote_over_chosen_registers_is_affirmed_and_its_log_replays(string key)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Certified(key, "sha256:0,4,7");

        AttestationVerdict verdict = Verify(files);

        Assert.Empty(verdict.Findings);
        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
        Assert.Equal(s_nonce, verdict.ReportData);
        Assert.Equal(["pcr0", "pcr4", "pcr7"], verdict.Measurements.Keys.Where(name => name.StartsWith("pcr", StringComparison.Ordinal)));
        Assert.Equal(Convert.ToHexStringLower(Replayed(4)), verdict.Measurements["pcr4"]);

        // Its log alone leads to the quoted registers too.
        files.Remove("pcrs-sha256.json");
        Assert.Equal(AttestationStatus.Affirming, Verify(files).Status);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_that_is_merely_supplied_or_certified_by_a_stranger_is_not_affirmed(string key)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Certified(key, "sha256:0,4,7");
        using ECDsa strangersKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 stranger = CertificateForge.Authority("TPM authority", strangersKey);

        Assert.Equal((AttestationStatus.None, "tpm.ak.chain"), StatusAndCheck(Verify(files, VerificationPolicy.None)));
        Assert.Equal((AttestationStatus.None, "tpm.ak.chain"), StatusAndCheck(Verify(files, Policy with { TpmRoots = [stranger.RawData] })));

        files.Remove("ak-certificate.der");
        Assert.Equal((AttestationStatus.None, "tpm.ak.unbound"), StatusAndCheck(Verify(files)));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Another_nonce_is_refused(string key)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Certified(key, "sha256:0,4,7");
        byte[] other = [.. s_nonce];
        other[31] ^= 1;

        Assert.Equal((AttestationStatus.Contraindicated, "policy.report-data"), StatusAndCheck(Verify(files, Policy with { ReportData = [.. other] })));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_register_extended_after_the_quote_is_refused_until_it_is_quoted_anew(string key)
    {
        Dictionary<string, ReadOnlyMemory<byte>> before = Certified(key, "sha256:0,4,7");
        string known = Convert.ToHexStringLower(Replayed(4));
        _tpm.Extend(4, "another kernel");
        Dictionary<string, ReadOnlyMemory<byte>> after = Certified(key, "sha256:0,4,7");

        Dictionary<string, ReadOnlyMemory<byte>> mixed = new(before) { ["pcrs-sha256.json"] = after["pcrs-sha256.json"] };
        Assert.Equal((AttestationStatus.Contraindicated, "tpm.pcr-digest"), StatusAndCheck(Verify(mixed)));
        mixed = new(before) { ["event-log.bin"] = after["event-log.bin"] };
        Assert.Equal((AttestationStatus.Contraindicated, "tpm.event-log.replay"), StatusAndCheck(Verify(mixed)));
        mixed.Remove("pcrs-sha256.json");
        Assert.Equal((AttestationStatus.Contraindicated, "tpm.pcr-digest"), StatusAndCheck(Verify(mixed)));

        VerificationPolicy expected = Policy with { Measurements = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add("pcr4", [known]) };
        Assert.Equal(AttestationStatus.Affirming, Verify(before, expected).Status);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.pcr4"), StatusAndCheck(Verify(after, expected)));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void No_byte_of_quote_signature_key_or_certificate_may_be_altered(string key)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Certified(key, "sha256:0,4,7");
        Dictionary<string, ReadOnlyMemory<byte>> altered = new(files);
        List<string> affirmed = [];
        foreach ((string name, ReadOnlyMemory<byte> content) in files.Where(file => file.Key != "event-log.bin"))
        {
            for (int i = 0; i < content.Length; i += Nightly.Count(7, 1))
            {
                byte[] bytes = content.ToArray();
                bytes[i] ^= (byte)(1 << (i % 8));
                altered[name] = bytes;
                Outcome<Evidence> evidence = Evidence.Detect(altered);
                if (evidence.Succeeded && Verifier.Verify(evidence.Value, Collateral.None, CertificateForge.Now, Policy).Status == AttestationStatus.Affirming)
                {
                    affirmed.Add($"{name} {i:x}");
                }
            }

            altered[name] = content;
        }

        Assert.Empty(affirmed);
    }

    [Fact]
    public void A_key_below_another_is_bound_by_both_areas()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Certified(SoftwareTpm.ChildKey, "sha256:0,4,7");
        files["ak-parent.tpmt-public.bin"] = _tpm.EndorsementArea;
        Assert.Equal(AttestationStatus.Affirming, Verify(files).Status);

        byte[] other = _tpm.EndorsementArea.ToArray();
        other[^1] ^= 2;
        files["ak-parent.tpmt-public.bin"] = other;
        Assert.Equal((AttestationStatus.Contraindicated, "tpm.ak.name"), StatusAndCheck(Verify(files)));
    }

    [Fact]
    public void The_collector_gets_from_it_what_verifies_once_its_key_is_certified()
    {
        byte[] reportData = [.. s_nonce, .. new byte[32]];
        TpmToolsCollector collector = new(new Collection.FakeMachine(), _tpm, _tpm.Transport);
        Assert.Null(collector.WhyNot());

        Dictionary<string, ReadOnlyMemory<byte>> files = new(collector.Collect(reportData).Value);

        Assert.Equal((AttestationStatus.None, "tpm.ak.unbound"), StatusAndCheck(Verify(files)));
        files["ak-certificate.der"] = Certificate(SoftwareTpm.RsaKey);
        files["event-log.bin"] = EventLogForge.Write(_tpm.Events);
        AttestationVerdict verdict = Verify(files, Policy with { ReportData = [.. reportData] });
        Assert.Empty(verdict.Findings);
        Assert.Equal(24, verdict.Measurements.Keys.Count(name => name.StartsWith("pcr", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_key_that_the_TPM_does_not_hold_is_an_error_in_words()
    {
        TpmToolsCollector collector = new(new Collection.FakeMachine(), _tpm, _tpm.Transport, "0x81000077");

        Failure? failure = collector.Collect(new byte[64]).Failure;

        Assert.Equal(FailureKind.Io, failure?.Kind);
        Assert.Contains("tpm2_quote failed", failure!.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
    }

    private static (AttestationStatus, string?) StatusAndCheck(AttestationVerdict verdict) => (verdict.Status, verdict.FailedCheck?.Check);

    private byte[] Replayed(int register) =>
        _tpm.Events.Where(entry => entry.Register == register).Aggregate(new byte[32], (value, entry) => SHA256.HashData([.. value, .. EventLogForge.Digest(entry.Event)]));

    private AttestationVerdict Verify(Dictionary<string, ReadOnlyMemory<byte>> files, VerificationPolicy? policy = null) =>
        Verifier.Verify(Samples.Of(files), Collateral.None, CertificateForge.Now, policy ?? Policy);

    private Dictionary<string, ReadOnlyMemory<byte>> Certified(string key, string registers)
    {
        string[] scheme = key == SoftwareTpm.PssKey ? ["--scheme", "rsapss"] : [];
        var quote = _tpm.Tool("tpm2_quote", ["-Q", .. scheme, "-c", key, "-l", registers, "-g", key == SoftwareTpm.LargeEcdsaKey ? "sha384" : "sha256", "-q", Convert.ToHexStringLower(s_nonce), "-m", "attest", "-s", "signature"], ["attest", "signature"]);
        ReadOnlyMemory<byte> values = _tpm.Tool("tpm2_pcrread", ["-Q", "sha256:all", "-o", "registers"], ["registers"])["registers"];
        return new()
        {
            ["quote.attest.bin"] = quote["attest"],
            ["quote.tpmt-signature.bin"] = quote["signature"],
            ["ak-public.tpmt-public.bin"] = _tpm.Tool("tpm2_readpublic", ["-Q", "-c", key, "-f", "tpmt", "-o", "public"], ["public"])["public"],
            ["ak-certificate.der"] = Certificate(key),
            ["pcrs-sha256.json"] = JsonSerializer.SerializeToUtf8Bytes(registers.Split(':')[1].Split(',').ToDictionary(
                index => index,
                index => Convert.ToHexStringLower(values.Span.Slice(32 * int.Parse(index, System.Globalization.CultureInfo.InvariantCulture), 32)))),
            ["event-log.bin"] = EventLogForge.Write(_tpm.Events),
        };
    }

    private byte[] Certificate(string key)
    {
        ReadOnlyMemory<byte> encoded = _tpm.Tool("tpm2_readpublic", ["-Q", "-c", key, "-f", "der", "-o", "key.der"], ["key.der"])["key.der"];
        using X509Certificate2 certificate = CertificateForge.Leaf("AK", System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(encoded.Span, out _), _authority);
        return certificate.RawData;
    }
}
