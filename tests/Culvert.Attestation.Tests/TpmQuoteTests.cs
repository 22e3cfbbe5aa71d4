using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

public class TpmQuoteTests
{
    [Fact]
    public void A_certified_ECDSA_key_is_affirmed_under_an_authority_that_the_policy_names_and_under_no_other()
    {
        using TpmForge forge = new();
        using TpmForge other = new();

        Assert.Empty(forge.Verify().Findings);
        Assert.Equal(AttestationStatus.Affirming, forge.Verify().Status);
        Assert.Equal((AttestationStatus.None, "tpm.ak.chain"), StatusAndCheck(forge.Verify(policy: VerificationPolicy.None)));
        Assert.NotEqual(AttestationStatus.Affirming, forge.Verify(policy: other.Policy).Status);
    }

    [Theory]
    [InlineData("pcrs-sha256.json")]
    [InlineData("event-log.bin")]
    public void Registers_come_from_their_list_or_from_the_log_replayed(string left)
    {
        using TpmForge forge = new() { StartupLocality = 3 };
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        files.Remove(left);

        AttestationVerdict verdict = forge.Verify(files);

        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
        Assert.Equal(Convert.ToHexStringLower(forge.Registers()[4]), verdict.Measurements["pcr4"]);
    }

    [Fact]
    public void Without_registers_and_log_the_quote_says_nothing()
    {
        using TpmForge forge = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        files.Remove("event-log.bin");
        files.Remove("pcrs-sha256.json");

        Assert.Equal((AttestationStatus.None, "tpm.registers.missing"), StatusAndCheck(forge.Verify(files)));
    }

    [Fact]
    public void A_log_that_leads_elsewhere_is_refused_for_firmware_and_warned_of_for_the_rest()
    {
        using TpmForge forge = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        forge.Events.Add((4, "another kernel"));
        files["event-log.bin"] = forge.Files()["event-log.bin"];
        Assert.Equal((AttestationStatus.Contraindicated, "tpm.event-log.replay"), StatusAndCheck(forge.Verify(files)));

        forge.Events[^1] = (11, "a phase of the boot");
        files["event-log.bin"] = forge.Files()["event-log.bin"];
        Assert.Equal((AttestationStatus.Warning, "tpm.event-log.replay"), StatusAndCheck(forge.Verify(files)));
    }

    [Fact]
    public void Registers_of_another_boot_are_refused()
    {
        using TpmForge forge = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        forge.Events.Add((4, "another kernel"));
        files["pcrs-sha256.json"] = forge.Files()["pcrs-sha256.json"];

        Assert.Equal((AttestationStatus.Contraindicated, "tpm.pcr-digest"), StatusAndCheck(forge.Verify(files)));
    }

    [Theory]
    [InlineData(0x40072u)]
    [InlineData(0x70072u)]
    [InlineData(0x50070u)]
    [InlineData(0x50052u)]
    public void A_key_that_could_sign_a_made_up_quote_is_refused(uint attributes)
    {
        using TpmForge forge = new() { KeyAttributes = attributes };

        Assert.Equal((AttestationStatus.Contraindicated, "tpm.ak.attributes"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_certificate_of_another_key_is_refused()
    {
        using TpmForge forge = new();
        using TpmForge other = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        files["ak-certificate.der"] = other.AkCertificate.RawData;

        Assert.Equal((AttestationStatus.Contraindicated, "tpm.ak.mismatch"), StatusAndCheck(forge.Verify(files)));
    }

    [Fact]
    public void A_nonce_that_the_policy_does_not_expect_is_refused()
    {
        using TpmForge forge = new();

        Assert.Equal(AttestationStatus.Affirming, forge.Verify(policy: forge.Policy with { ReportData = [1, 2, 3, 4] }).Status);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.report-data"), StatusAndCheck(forge.Verify(policy: forge.Policy with { ReportData = [1, 2, 3, 5] })));
    }

    /// <summary>A real machine's log: firmware's registers in all three banks are what its TPM quoted.</summary>
    [Theory]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha384")]
    public void A_real_log_replays_to_the_real_registers(string bank)
    {
        TpmHash hash = Enum.Parse<TpmHash>(bank, ignoreCase: true);
        var replayed = EventLog.Replay(Samples.Bytes("tpm2-gce-b-nonce", "event-log.bin"), hash).Value;
        var quoted = PcrValues.Parse(Samples.Bytes("tpm2-gce-b-nonce", $"pcrs-{bank}.json"), hash, bank).Value;

        Assert.NotEmpty(replayed);
        Assert.All(replayed, register => Assert.Equal(quoted[register.Key], register.Value));
    }

    /// <summary>All that is wanting is the authority: signature, three banks, digest, log and key agree.</summary>
    [Fact]
    public void A_real_quote_of_three_banks_holds_up_to_its_keys_authority()
    {
        AttestationVerdict verdict = Samples.Verify("tpm2-gce-b-nonce", "2025-06-01");

        Assert.Equal(["tpm.ak.chain"], verdict.Findings.Select(finding => finding.Check));
    }

    private static (AttestationStatus, string?) StatusAndCheck(AttestationVerdict verdict) => (verdict.Status, verdict.FailedCheck?.Check);
}
