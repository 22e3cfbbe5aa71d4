using System.Collections.Immutable;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>Products of which no report is public, and what real reports do not show, by an AMD of the tests' own.</summary>
public class SnpPlatformTests
{
    [Theory]
    [InlineData("Milan", 2, false)]
    [InlineData("Milan", 5, true)]
    [InlineData("Genoa", 3, false)]
    [InlineData("Genoa", 5, true)]
    [InlineData("Turin", 3, false)]
    [InlineData("Turin", 5, true)]
    public void Every_product_is_affirmed_by_chip_and_by_provider(string product, uint version, bool vlek)
    {
        using AmdForge forge = new(Enum.Parse<AmdProduct>(product)) { Version = version, UsesVlek = vlek };

        AttestationVerdict verdict = forge.Verify();

        Assert.Empty(verdict.Findings);
        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
        Assert.Equal(("9", "1", "23", "72"), (verdict.Tcb.Parts["bootloader"], verdict.Tcb.Parts["tee"], verdict.Tcb.Parts["snp"], verdict.Tcb.Parts["microcode"]));
        Assert.Equal(product == "Turin" ? "2" : null, verdict.Tcb.Parts.GetValueOrDefault("fmc"));
        Assert.Equal(AttestationStatus.Contraindicated, Verifier.Verify(Samples.Of(forge.Files()), Collateral.None, CertificateForge.Now).Status);
    }

    [Fact]
    public void A_TCB_other_than_the_certificates_is_refused()
    {
        using AmdForge forge = new(AmdProduct.Genoa) { CertifiedSnp = 22 };

        Assert.Equal((AttestationStatus.Contraindicated, "amd.tcb.certificate"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_report_of_another_CPU_than_its_certificates_is_refused()
    {
        using AmdForge forge = new(AmdProduct.Genoa) { Cpu = (0x19, 0x01) };

        Assert.Equal((AttestationStatus.Contraindicated, "amd.report.product"), StatusAndCheck(forge.Verify()));
    }

    [Theory]
    [InlineData("Milan")]
    [InlineData("Turin")]
    public void A_report_of_another_chip_than_its_certificates_is_refused(string product)
    {
        byte[] chip = new byte[64];
        chip.AsSpan(0, product == "Turin" ? 8 : 64).Fill(0x5A);
        chip[63] ^= 1;
        using AmdForge forge = new(Enum.Parse<AmdProduct>(product)) { ChipId = chip };

        Assert.Equal((AttestationStatus.Contraindicated, "amd.report.chip"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_report_whose_host_masks_the_chips_id_is_of_the_chip_that_signed_it_and_of_no_list()
    {
        using AmdForge forge = new(AmdProduct.Genoa) { ChipId = new byte[64] };

        Assert.Equal(AttestationStatus.Affirming, forge.Verify().Status);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.chip-id"), StatusAndCheck(forge.Verify(new VerificationPolicy { RevokedChipIds = [new string('1', 128)] })));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chips_key_under_the_providers_authority_is_refused_and_the_other_way_round(bool vlek)
    {
        using AmdForge forge = new(AmdProduct.Milan) { UsesVlek = vlek, SwapsAuthorities = true };

        Assert.Equal((AttestationStatus.Contraindicated, "amd.chain.issuer"), StatusAndCheck(forge.Verify()));
    }

    [Theory]
    [InlineData(0x30000UL | 1UL << 19, "amd.policy.debug", AttestationStatus.Contraindicated)]
    [InlineData(0x30000UL | 1UL << 18, "amd.policy.migration-agent", AttestationStatus.Warning)]
    [InlineData(0x10000UL, "amd.policy.unknown", AttestationStatus.Warning)]
    [InlineData(0x30000UL | 1UL << 40, "amd.policy.unknown", AttestationStatus.Warning)]
    public void Policies_that_weaken_a_guest_are_not_affirmed(ulong policy, string check, AttestationStatus status)
    {
        using AmdForge forge = new(AmdProduct.Genoa) { Policy = policy };

        Assert.Equal((status, check), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_migration_agent_is_accepted_only_in_so_many_words_and_debug_never()
    {
        VerificationPolicy policy = new() { AllowMigrationAgent = true };
        using AmdForge forge = new(AmdProduct.Genoa) { Policy = 0x30000UL | 1UL << 18 };
        Assert.Equal(AttestationStatus.Affirming, forge.Verify(policy).Status);

        forge.Policy |= 1UL << 19;
        Assert.Equal(AttestationStatus.Contraindicated, forge.Verify(policy).Status);
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(7u << 2)]
    public void A_report_that_the_chip_did_not_sign_is_not_judged(uint keyInfo)
    {
        using AmdForge forge = new(AmdProduct.Genoa) { KeyInfo = keyInfo };

        Assert.Equal((AttestationStatus.None, "amd.report.unsigned"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_policy_bounds_privilege_level_TCB_and_chips()
    {
        using AmdForge forge = new(AmdProduct.Turin) { Vmpl = 1 };
        string chip = Convert.ToHexStringLower([.. Enumerable.Repeat((byte)0x5A, 8), .. new byte[56]]);

        Assert.Equal((AttestationStatus.Contraindicated, "policy.vmpl"), StatusAndCheck(forge.Verify(new VerificationPolicy { MaximumVmpl = 0 })));
        Assert.Equal(AttestationStatus.Affirming, forge.Verify(Least("snp", 23)).Status);
        Assert.Equal((AttestationStatus.Warning, "policy.snp-tcb"), StatusAndCheck(forge.Verify(Least("snp", 24))));
        Assert.Equal(AttestationStatus.Affirming, forge.Verify(new VerificationPolicy { ChipIds = [chip] }).Status);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.chip-id"), StatusAndCheck(forge.Verify(new VerificationPolicy { ChipIds = [new string('1', 128)] })));
        Assert.Equal((AttestationStatus.Contraindicated, "policy.chip-revoked"), StatusAndCheck(forge.Verify(new VerificationPolicy { RevokedChipIds = [chip] })));

        forge.UsesVlek = true;
        Assert.Equal((AttestationStatus.Contraindicated, "policy.chip-id"), StatusAndCheck(forge.Verify(new VerificationPolicy { RevokedChipIds = [new string('1', 128)] })));

        static VerificationPolicy Least(string part, int svn) => new() { MinimumSnpTcb = ImmutableSortedDictionary<string, int>.Empty.Add(part, svn) };
    }

    [Fact]
    public void A_part_that_the_product_does_not_have_is_never_reached()
    {
        using AmdForge forge = new(AmdProduct.Milan);

        Assert.Equal("policy.snp-tcb", forge.Verify(new VerificationPolicy { MinimumSnpTcb = ImmutableSortedDictionary<string, int>.Empty.Add("fmc", 0) }).FailedCheck?.Check);
    }

    [Fact]
    public void AMDs_revocations_are_heeded_when_given_and_missed_when_asked_for()
    {
        using AmdForge forge = new(AmdProduct.Milan);
        VerificationPolicy asked = new() { RequireAmdRevocations = true };
        Assert.Equal((AttestationStatus.None, "amd.crl.missing"), StatusAndCheck(forge.Verify(asked)));

        forge.Revocations = CertificateForge.Revocations(forge.Ark);
        Assert.Equal(AttestationStatus.Affirming, forge.Verify(asked).Status);

        forge.Revocations = CertificateForge.Revocations(forge.Ark, forge.Ask);
        Assert.Equal((AttestationStatus.Contraindicated, "amd.crl.revoked"), StatusAndCheck(forge.Verify()));

        forge.Revocations = CertificateForge.Revocations(forge.Ark, CertificateForge.From, CertificateForge.Now.AddDays(-1));
        Assert.Equal((AttestationStatus.None, "amd.crl.expired"), StatusAndCheck(forge.Verify()));

        forge.Revocations = CertificateForge.Revocations(forge.Ask);
        Assert.Equal((AttestationStatus.Contraindicated, "amd.crl.issuer"), StatusAndCheck(forge.Verify()));
    }

    [Theory]
    [InlineData("negative-vcek-legacy.der")]
    [InlineData("negative-vcek-new.der")]
    public void Certificates_that_AMD_did_not_sign_are_refused(string certificate)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("amd-snp-milan-v2-b");
        files["vcek.der"] = files[certificate];

        AttestationVerdict verdict = Samples.Verify(files, "2025-06-01");

        Assert.NotEqual(AttestationStatus.Affirming, verdict.Status);
    }

    [Fact]
    public void A_report_beside_another_chips_certificate_is_refused()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("amd-snp-milan-v2-b");
        files["vcek.der"] = Samples.Bytes("azure-snp-milan-v3-vtpm", "vcek.der");

        Assert.Equal((AttestationStatus.Contraindicated, "amd.report.signature"), StatusAndCheck(Samples.Verify(files, "2025-06-01")));
    }

    private static (AttestationStatus, string?) StatusAndCheck(AttestationVerdict verdict) => (verdict.Status, verdict.FailedCheck?.Check);
}
