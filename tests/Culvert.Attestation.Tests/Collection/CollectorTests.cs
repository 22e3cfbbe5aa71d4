using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests.Collection;

public class CollectorTests
{
    private static readonly byte[] s_reportData = [.. Enumerable.Range(1, 32).Select(i => (byte)i), .. new byte[32]];

    [Fact]
    public void A_TDX_guest_gives_a_quote_over_the_report_data_that_verifies()
    {
        using IntelForge intel = new(tdx: true);
        FakeMachine machine = Tsm("tdx_guest", data =>
        {
            intel.ReportData = data;
            return intel.Files()["quote.bin"].ToArray();
        });

        Dictionary<string, ReadOnlyMemory<byte>> files = new(new ConfigfsTsmCollector(machine).Collect(s_reportData).Value) { ["collateral.json"] = intel.Files()["collateral.json"] };
        AttestationVerdict verdict = Verifier.Verify(Samples.Of(files), Collateral.None, CertificateForge.Now, new VerificationPolicy { ReportData = [.. s_reportData] }, intel.Roots);

        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
        Assert.Single(machine.Removed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_SEV_SNP_guest_gives_a_report_and_the_certificate_that_its_host_hands_over(bool bigEndian)
    {
        using AmdForge amd = new(AmdProduct.Genoa);
        Dictionary<string, ReadOnlyMemory<byte>> made = amd.Files();
        byte[] certificate = made["vcek.der"].ToArray();
        FakeMachine machine = Tsm("sev_guest", _ => made["report.bin"].ToArray());
        machine.Certificates = [.. new Guid("63da758d-e664-4564-adc5-f4b93be8accd").ToByteArray(bigEndian), 48, 0, 0, 0, (byte)certificate.Length, (byte)(certificate.Length >> 8), 0, 0, .. new byte[24], .. certificate];

        Evidence evidence = Samples.Of(new(new ConfigfsTsmCollector(machine).Collect(s_reportData).Value));

        Assert.Equal(AttestationStatus.Affirming, Verifier.Verify(evidence, Collateral.None, CertificateForge.Now, VerificationPolicy.None, amd.Roots).Status);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void A_report_that_somebody_else_asked_for_in_between_is_not_taken(int disturbances, bool succeeds)
    {
        FakeMachine machine = Tsm("tdx_guest", data => data);
        machine.Disturbances = disturbances;

        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> collected = new ConfigfsTsmCollector(machine).Collect(s_reportData);

        Assert.Equal(succeeds ? null : FailureKind.Integrity, collected.Failure?.Kind);
        Assert.True(!succeeds || collected.Value["quote.bin"].Span.SequenceEqual(s_reportData));
        Assert.Single(machine.Removed);
    }

    [Fact]
    public void A_provider_that_is_not_known_is_refused()
    {
        FakeMachine machine = Tsm("arm_cca_guest", data => data);

        Assert.Equal(FailureKind.Mismatch, new ConfigfsTsmCollector(machine).Collect(s_reportData).Failure?.Kind);
    }

    [Fact]
    public void A_malformed_table_of_certificates_adds_nothing()
    {
        FakeMachine machine = Tsm("sev_guest", data => data);
        machine.Certificates = [.. new Guid("63da758d-e664-4564-adc5-f4b93be8accd").ToByteArray(true), 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

        Assert.Equal(["report.bin"], new ConfigfsTsmCollector(machine).Collect(s_reportData).Value.Keys);
    }

    [Fact]
    public void Gramine_gives_a_quote_that_binds_what_was_written_and_no_other()
    {
        using IntelForge intel = new(tdx: false);
        FakeMachine machine = new()
        {
            Hardware = data =>
            {
                intel.ReportData = data;
                return intel.Files()["quote.bin"].ToArray();
            },
        };
        machine.Add("/dev/attestation/attestation_type", "dcap\n");

        Assert.Equal(["quote.bin"], new GramineCollector(machine).Collect(s_reportData).Value.Keys);

        machine.Hardware = _ =>
        {
            intel.ReportData = new byte[64];
            return intel.Files()["quote.bin"].ToArray();
        };
        Assert.Equal(FailureKind.Integrity, new GramineCollector(machine).Collect(s_reportData).Failure?.Kind);

        machine.Add("/dev/attestation/attestation_type", "none\n");
        Assert.Contains("says none", new GramineCollector(machine).WhyNot(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_TPM_gives_quote_key_registers_and_log()
    {
        using TpmForge tpm = new() { Nonce = s_reportData[..32] };
        Dictionary<string, ReadOnlyMemory<byte>> made = tpm.Files();
        FakeMachine machine = new();
        machine.Add("/dev/tpmrm0", "");
        machine.ToolOutputs["attest"] = made["quote.attest.bin"].ToArray();
        machine.ToolOutputs["signature"] = made["quote.tpmt-signature.bin"].ToArray();
        machine.ToolOutputs["public"] = made["ak-public.tpmt-public.bin"].ToArray();
        machine.ToolOutputs["registers"] = [.. tpm.Registers().SelectMany(value => value)];

        Dictionary<string, ReadOnlyMemory<byte>> files = new(new TpmToolsCollector(machine, machine).Collect(s_reportData).Value);
        Assert.Equal("tpm.ak.unbound", tpm.Verify(files).FailedCheck?.Check);

        files["ak-certificate.der"] = made["ak-certificate.der"];
        Assert.Equal(AttestationStatus.Affirming, tpm.Verify(files, tpm.Policy with { ReportData = [.. s_reportData] }).Status);
        Assert.Contains($"-q {Convert.ToHexStringLower(s_reportData.AsSpan(0, 32))}", machine.Runs[0], StringComparison.Ordinal);
        Assert.Equal(FailureKind.TooLarge, new TpmToolsCollector(machine, machine).Collect([.. Enumerable.Repeat((byte)1, 64)]).Failure?.Kind);
    }

    [Fact]
    public void A_machine_without_any_says_why_for_each()
    {
        FakeMachine machine = new();

        Assert.All(EvidenceCollectors.All(machine, machine), collector =>
        {
            Assert.Contains("is not there", collector.WhyNot(), StringComparison.Ordinal);
            Assert.Equal(FailureKind.Missing, collector.Collect(s_reportData).Failure?.Kind);
        });
    }

    private static FakeMachine Tsm(string provider, Func<byte[], byte[]> hardware)
    {
        FakeMachine machine = new() { Provider = provider, Hardware = hardware };
        machine.AddFolder(ConfigfsTsmCollector.Folder);
        return machine;
    }
}
