using System.Collections.Immutable;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>What no public sample shows, by an Intel of the tests' own.</summary>
public class IntelPlatformTests
{
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 4)]
    [InlineData(true, 5)]
    public void A_forged_platform_is_affirmed_under_its_own_root_and_nothing_under_Intels(bool tdx, int version)
    {
        using IntelForge forge = new(tdx) { Version = version };

        AttestationVerdict own = forge.Verify();
        AttestationVerdict intels = Verifier.Verify(Samples.Of(forge.Files()), Collateral.None, CertificateForge.Now);

        Assert.Empty(own.Findings);
        Assert.Equal(("UpToDate", AttestationStatus.Affirming), (own.Tcb.Status, own.Status));
        Assert.Equal((AttestationStatus.Contraindicated, "intel.pck-chain.issuer"), StatusAndCheck(intels));
    }

    [Fact]
    public void The_extended_report_of_TDX_1_5_is_affirmed_and_its_history_is_told()
    {
        using IntelForge forge = new(tdx: true) { Version = 5, BodyType = 4 };

        AttestationVerdict verdict = forge.Verify();
        ImmutableArray<ExplainedField> fields = EvidenceExplanation.Of(Samples.Of(forge.Files())).Value;

        Assert.Empty(verdict.Findings);
        Assert.Equal(("UpToDate", AttestationStatus.Affirming), (verdict.Tcb.Status, verdict.Status));
        Assert.Equal(("00", string.Concat(Enumerable.Repeat("1d", 32)), string.Concat(Enumerable.Repeat("1d", 12))), (verdict.Measurements["vmid"], verdict.Measurements["tdid"], verdict.Measurements["initialfmspc"]));
        Assert.Equal(string.Concat(Enumerable.Repeat("1d", 8)), Assert.Single(fields, field => field.Name == "CURR_SERVTD_ATTR").Value);
    }

    [Theory]
    [InlineData(4, 884)]
    [InlineData(4, 649)]
    [InlineData(3, 600)]
    public void The_history_is_signed_to_its_last_byte(byte bodyType, int offset)
    {
        using IntelForge forge = new(tdx: true) { Version = 5, BodyType = bodyType };
        Dictionary<string, ReadOnlyMemory<byte>> files = forge.Files();
        byte[] quote = files["quote.bin"].ToArray();
        quote[54 + offset] ^= 1;
        files["quote.bin"] = quote;

        AttestationVerdict verdict = Verifier.Verify(Samples.Of(files), Collateral.None, CertificateForge.Now, VerificationPolicy.None, forge.Roots);

        Assert.Equal((AttestationStatus.Contraindicated, "intel.quote.signature"), StatusAndCheck(verdict));
    }

    [Theory]
    [InlineData("SWHardeningNeeded", AttestationStatus.Warning, 32)]
    [InlineData("ConfigurationNeeded", AttestationStatus.Warning, 32)]
    [InlineData("ConfigurationAndSWHardeningNeeded", AttestationStatus.Warning, 32)]
    [InlineData("OutOfDate", AttestationStatus.Warning, 32)]
    [InlineData("OutOfDateConfigurationNeeded", AttestationStatus.Warning, 32)]
    [InlineData("Revoked", AttestationStatus.Contraindicated, 96)]
    public void Every_status_but_up_to_date_is_not_affirmed(string status, AttestationStatus expected, int hardware)
    {
        using IntelForge forge = new(tdx: false);
        forge.Levels[0] = (5, 0, status, ["INTEL-SA-00001"]);

        AttestationVerdict verdict = forge.Verify();

        Assert.Equal((expected, "intel.tcb.status", status), (verdict.Status, verdict.FailedCheck?.Check, verdict.Tcb.Status));
        Assert.Equal(["INTEL-SA-00001"], verdict.Tcb.AdvisoryIds);
        Assert.Equal(hardware, verdict.Trustworthiness.Hardware);
    }

    [Fact]
    public void A_status_that_is_not_known_is_no_status()
    {
        using IntelForge forge = new(tdx: false);
        forge.Levels[0] = (5, 0, "Splendid", []);

        Assert.Equal((AttestationStatus.None, "intel.tcb-info.format"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void The_first_level_that_the_platform_reaches_counts()
    {
        using IntelForge forge = new(tdx: false);
        forge.Levels.Clear();
        forge.Levels.AddRange([(6, 0, "UpToDate", []), (5, 0, "OutOfDate", ["INTEL-SA-00002"]), (1, 0, "Revoked", [])]);

        Assert.Equal("OutOfDate", forge.Verify().Tcb.Status);

        forge.Levels.RemoveRange(1, 2);
        Assert.Equal(("NotSupported", AttestationStatus.Contraindicated), (forge.Verify().Tcb.Status, forge.Verify().Status));
    }

    [Theory]
    [InlineData("UpToDate", 3, "OutOfDate")]
    [InlineData("ConfigurationNeeded", 3, "OutOfDateConfigurationNeeded")]
    [InlineData("SWHardeningNeeded", 3, "OutOfDate")]
    [InlineData("UpToDate", 2, "Revoked")]
    [InlineData("UpToDate", 1, "NotSupported")]
    [InlineData("Revoked", 3, "Revoked")]
    public void A_modules_level_and_the_platforms_converge(string platform, byte module, string expected)
    {
        using IntelForge forge = new(tdx: true);
        forge.Levels[0] = (5, 3, platform, []);
        forge.TeeTcbSvn[0] = module;

        AttestationVerdict verdict = forge.Verify();

        Assert.Equal(expected, verdict.Tcb.Status);
        Assert.NotEqual(AttestationStatus.Affirming, verdict.Status);
    }

    [Theory]
    [InlineData(2, "OutOfDate")]
    [InlineData(1, "Revoked")]
    [InlineData(0, "NotSupported")]
    public void An_old_quoting_enclave_makes_the_platform_old(ushort isvSvn, string expected)
    {
        using IntelForge forge = new(tdx: false) { QeIsvSvn = isvSvn };

        Assert.Equal(expected, forge.Verify().Tcb.Status);
    }

    [Fact]
    public void A_module_of_a_version_that_Intel_does_not_list_is_refused()
    {
        using IntelForge forge = new(tdx: true);
        forge.TeeTcbSvn[1] = 9;

        Assert.Equal((AttestationStatus.Contraindicated, "intel.tdx.module"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_module_of_version_0_is_compared_with_the_levels_own_components()
    {
        using IntelForge forge = new(tdx: true);
        forge.TeeTcbSvn[1] = 0;
        Assert.Equal("UpToDate", forge.Verify().Tcb.Status);

        forge.TeeTcbSvn[0] = 4;
        Assert.Equal("NotSupported", forge.Verify().Tcb.Status);
    }

    [Fact]
    public void A_domain_that_outlived_its_modules_update_is_advised_to_start_anew()
    {
        using IntelForge forge = new(tdx: true) { Version = 5, TeeTcbSvn2 = [5, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
        forge.TeeTcbSvn[0] = 3;

        AttestationVerdict verdict = forge.Verify();

        Assert.Equal(("TDRelaunchAdvised", AttestationStatus.Warning), (verdict.Tcb.Status, verdict.Status));
    }

    [Fact]
    public void A_module_that_went_back_behind_a_running_domain_is_refused()
    {
        using IntelForge forge = new(tdx: true) { Version = 5, TeeTcbSvn2 = [2, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] };

        Assert.Equal(("Revoked", AttestationStatus.Contraindicated), (forge.Verify().Tcb.Status, forge.Verify().Status));
    }

    [Theory]
    [InlineData(1UL << 28 | 1, "intel.tdx.debug", AttestationStatus.Contraindicated)]
    [InlineData(1UL << 28 | 0x80, "intel.tdx.debug", AttestationStatus.Contraindicated)]
    [InlineData(0UL, "intel.tdx.sept-ve-disable", AttestationStatus.Warning)]
    [InlineData(1UL << 28 | 1UL << 29, "intel.tdx.migratable", AttestationStatus.Warning)]
    [InlineData(1UL << 28 | 1UL << 40, "intel.tdx.attributes", AttestationStatus.Warning)]
    public void Attributes_that_weaken_a_domain_are_not_affirmed(ulong attributes, string check, AttestationStatus status)
    {
        using IntelForge forge = new(tdx: true) { TdAttributes = attributes };

        Assert.Equal((status, check), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_debug_enclave_is_refused()
    {
        using IntelForge forge = new(tdx: false) { SgxAttributes = 0x07 };

        Assert.Equal((AttestationStatus.Contraindicated, "intel.sgx.debug"), StatusAndCheck(forge.Verify()));
        Assert.Equal(96, forge.Verify().Trustworthiness.RuntimeOpaque);
    }

    [Fact]
    public void Revoked_certificates_end_it()
    {
        using IntelForge forge = new(tdx: false);
        forge.RevokedByAuthority.Add(forge.Pck);
        Assert.Equal((AttestationStatus.Contraindicated, "intel.pck-crl.revoked"), StatusAndCheck(forge.Verify()));

        forge.RevokedByAuthority.Clear();
        forge.RevokedByRoot.Add(forge.Authority);
        Assert.Equal((AttestationStatus.Contraindicated, "intel.root-crl.revoked"), StatusAndCheck(forge.Verify()));

        forge.RevokedByRoot.Clear();
        forge.RevokedByRoot.Add(forge.TcbSigner);
        Assert.Equal((AttestationStatus.Contraindicated, "intel.tcb-info.signer-revoked"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void Only_Intels_TCB_signer_may_sign_TCB_info()
    {
        using IntelForge forge = new(tdx: false) { SignTcbInfoWithPck = true };

        Assert.Equal((AttestationStatus.Contraindicated, "intel.tcb-info.signer"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void Collateral_of_another_platform_or_date_is_not_enough()
    {
        using IntelForge forge = new(tdx: false) { Fmspc = "00A067110001" };
        Assert.Equal((AttestationStatus.None, "intel.tcb-info.mismatch"), StatusAndCheck(forge.Verify()));

        forge.Fmspc = "00A067110000";
        forge.TcbInfoId = "TDX";
        Assert.NotEqual(AttestationStatus.Affirming, forge.Verify().Status);

        forge.TcbInfoId = "";
        forge.TcbInfoNextUpdate = CertificateForge.Now.AddSeconds(-1);
        Assert.Equal((AttestationStatus.None, "intel.tcb-info.expired"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void Collateral_of_another_sample_is_refused()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("intel-tdx-v5-a");
        files["collateral.json"] = Samples.Bytes("intel-tdx-v4-a", "collateral.json");

        Assert.Equal((AttestationStatus.None, "intel.tcb-info.mismatch"), StatusAndCheck(Samples.Verify(files, "2025-07-01")));

        files = Samples.Files("intel-sgx-v3-a");
        files["collateral.json"] = Samples.Bytes("intel-tdx-v4-a", "collateral.json");
        Assert.NotEqual(AttestationStatus.Affirming, Samples.Verify(files, "2025-07-01").Status);
    }

    [Fact]
    public void A_quoting_enclave_of_somebody_else_is_refused()
    {
        using IntelForge forge = new(tdx: false) { QeSigner = 0x66 };

        Assert.Equal((AttestationStatus.Contraindicated, "intel.qe-identity.report"), StatusAndCheck(forge.Verify()));
    }

    [Fact]
    public void A_status_is_accepted_only_by_name_and_with_every_advisory_judged()
    {
        using IntelForge forge = new(tdx: false);
        forge.Levels[0] = (5, 0, "SWHardeningNeeded", ["INTEL-SA-00334", "INTEL-SA-00615"]);
        VerificationPolicy some = new() { AcceptedTcbStatuses = ["SWHardeningNeeded"], ToleratedAdvisories = ["INTEL-SA-00334"] };
        VerificationPolicy all = some with { ToleratedAdvisories = ["INTEL-SA-00334", "INTEL-SA-00615"] };

        Assert.Equal((AttestationStatus.Warning, "policy.advisories"), StatusAndCheck(forge.Verify(some)));
        Assert.Equal(AttestationStatus.Affirming, forge.Verify(all).Status);
        Assert.Equal((AttestationStatus.Warning, "intel.tcb.status"), StatusAndCheck(forge.Verify(all with { AcceptedTcbStatuses = ["OutOfDate"] })));
    }

    [Fact]
    public void A_revoked_platform_is_accepted_by_no_policy()
    {
        using IntelForge forge = new(tdx: false);
        forge.Levels[0] = (5, 0, "Revoked", []);

        Assert.Equal(AttestationStatus.Contraindicated, forge.Verify(new VerificationPolicy { AcceptedTcbStatuses = ["Revoked"] }).Status);
    }

    [Fact]
    public void Older_collateral_than_the_policy_asks_for_is_refused()
    {
        using IntelForge forge = new(tdx: true) { EvaluationNumber = 17 };

        Assert.Equal(AttestationStatus.Affirming, forge.Verify(new VerificationPolicy { MinimumTcbEvaluationDataNumber = 17 }).Status);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.tcb-evaluation-data-number"), StatusAndCheck(forge.Verify(new VerificationPolicy { MinimumTcbEvaluationDataNumber = 18 })));
    }

    [Fact]
    public void The_scope_is_the_workload_only_when_the_full_measured_set_matched()
    {
        using IntelForge forge = new(tdx: false) { ReportData = [.. Enumerable.Repeat((byte)7, 64)] };
        string enclave = string.Concat(Enumerable.Repeat("e1", 32));
        VerificationPolicy signerOnly = Samples.Accepting(("mrsigner", string.Concat(Enumerable.Repeat("83", 32))));
        VerificationPolicy full = Samples.Accepting(("mrenclave", enclave)) with { ReportData = [.. Enumerable.Repeat((byte)7, 64)], MinimumIsvSvn = 7 };

        Assert.Equal((AttestationStatus.Affirming, AttestationScope.Platform), StatusAndScope(forge.Verify(signerOnly)));
        Assert.Equal((AttestationStatus.Affirming, AttestationScope.Workload), StatusAndScope(forge.Verify(full)));
        Assert.Equal(2, forge.Verify(full).Trustworthiness.Executables);
        Assert.Equal((AttestationStatus.Contraindicated, "policy.mrenclave"), StatusAndCheck(forge.Verify(Samples.Accepting(("mrenclave", new string('0', 64))))));
        Assert.Equal((AttestationStatus.Contraindicated, "policy.report-data"), StatusAndCheck(forge.Verify(full with { ReportData = [.. new byte[63], 1] })));
        Assert.Equal((AttestationStatus.Contraindicated, "policy.isvsvn"), StatusAndCheck(forge.Verify(full with { MinimumIsvSvn = 8 })));
        Assert.Equal((AttestationStatus.Contraindicated, "policy.kind"), StatusAndCheck(forge.Verify(full with { Kinds = [EvidenceKind.Tdx] })));
    }

    [Fact]
    public void A_domains_measured_set_is_firmware_and_all_run_time_registers()
    {
        using IntelForge forge = new(tdx: true);
        (string, string)[] all = [("mrtd", Hex(0x77)), ("rtmr0", Hex(0xA0)), ("rtmr1", Hex(0xA1)), ("rtmr2", Hex(0xA2)), ("rtmr3", Hex(0xA3))];

        Assert.Equal(AttestationScope.Workload, forge.Verify(Samples.Accepting(all)).Scope);
        Assert.Equal(AttestationScope.Platform, forge.Verify(Samples.Accepting(all[..4])).Scope);

        static string Hex(byte value) => Convert.ToHexStringLower([.. Enumerable.Repeat(value, 48)]);
    }

    private static (AttestationStatus, string?) StatusAndCheck(AttestationVerdict verdict) => (verdict.Status, verdict.FailedCheck?.Check);

    private static (AttestationStatus, AttestationScope) StatusAndScope(AttestationVerdict verdict) => (verdict.Status, verdict.Scope);
}
