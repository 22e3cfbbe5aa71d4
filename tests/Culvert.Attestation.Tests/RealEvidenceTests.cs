namespace Culvert.Attestation.Tests;

/// <summary>Each real sample within its window, without a policy: what has to come out.</summary>
public class RealEvidenceTests
{
    [Theory]
    [InlineData("intel-tdx-v4-a", "2025-07-01", EvidenceKind.Tdx)]
    [InlineData("intel-tdx-v5-a", "2025-07-01", EvidenceKind.Tdx)]
    [InlineData("amd-snp-milan-v2-b", "2025-06-01", EvidenceKind.SevSnp)]
    [InlineData("amd-snp-milan-v3-vlek", "2025-06-01", EvidenceKind.SevSnp)]
    [InlineData("amd-snp-milan-v5-gcp", "2026-06-01", EvidenceKind.SevSnp)]
    [InlineData("azure-snp-milan-v3-vtpm", "2025-06-01", EvidenceKind.AzureSevSnp)]
    [InlineData("aws-nitro-a", "2021-03-17T23:00:00Z", EvidenceKind.AwsNitro)]
    [InlineData("aws-nitro-b-public-key", "2021-03-24T17:00:00Z", EvidenceKind.AwsNitro)]
    public void Genuine_and_current_hardware_is_affirmed_as_a_platform(string sample, string at, EvidenceKind kind)
    {
        AttestationVerdict verdict = Samples.Verify(sample, at);

        Assert.Empty(verdict.Findings);
        Assert.Equal((kind, AttestationStatus.Affirming, AttestationScope.Platform), (verdict.Kind, verdict.Status, verdict.Scope));
        Assert.Equal((2, 2), (verdict.Trustworthiness.Hardware, verdict.Trustworthiness.InstanceIdentity));
        Assert.Equal(0, verdict.Trustworthiness.Executables);
    }

    [Theory]
    [InlineData("intel-sgx-v3-a", "2025-07-01", AttestationStatus.Warning, "intel.tcb.status")]
    [InlineData("intel-sgx-v3-b-debug", "2025-07-01", AttestationStatus.Contraindicated, "intel.sgx.debug")]
    [InlineData("intel-sgx-v3-c-outofdate-debug", "2025-08-20", AttestationStatus.Contraindicated, "intel.sgx.debug")]
    [InlineData("intel-tdx-v4-b-outofdate-padded", "2025-11-01", AttestationStatus.Warning, "intel.tcb.status")]
    [InlineData("intel-tdx-v4-c-2023-debug", "2023-07-01", AttestationStatus.Contraindicated, "intel.tdx.debug")]
    [InlineData("intel-tdx-v4-d-2023-nolevel", "2023-07-01", AttestationStatus.Contraindicated, "intel.tcb.status")]
    [InlineData("intel-tdx-v5-b-nolevel", "2026-03-01", AttestationStatus.Contraindicated, "intel.tcb.status")]
    [InlineData("intel-sgx-v3-quote-only", "2025-07-01", AttestationStatus.None, "intel.collateral.missing")]
    [InlineData("intel-tdx-v4-quote-only", "2025-07-01", AttestationStatus.None, "intel.collateral.missing")]
    [InlineData("amd-snp-milan-v2-a-debug", "2025-06-01", AttestationStatus.Contraindicated, "amd.policy.debug")]
    [InlineData("aws-nitro-c-debug-mode", "2024-01-24T19:00:00Z", AttestationStatus.Contraindicated, "nitro.debug")]
    [InlineData("tpm2-a", "2025-06-01", AttestationStatus.None, "tpm.ak.unbound")]
    [InlineData("tpm2-gce-b-nonce", "2025-06-01", AttestationStatus.None, "tpm.ak.chain")]
    public void What_is_weak_incomplete_or_under_debug_is_not_affirmed_and_the_check_is_named(string sample, string at, AttestationStatus status, string check)
    {
        AttestationVerdict verdict = Samples.Verify(sample, at);

        Assert.Equal((status, check), (verdict.Status, verdict.FailedCheck?.Check));
        Assert.Equal(AttestationScope.Platform, verdict.Scope);
    }

    [Theory]
    [InlineData("intel-sgx-v3-a", "2025-07-01", "ConfigurationAndSWHardeningNeeded", 2, 17)]
    [InlineData("intel-sgx-v3-c-outofdate-debug", "2025-08-20", "OutOfDate", 10, 17)]
    [InlineData("intel-tdx-v4-a", "2025-07-01", "UpToDate", 0, 17)]
    [InlineData("intel-tdx-v4-b-outofdate-padded", "2025-11-01", "OutOfDate", 3, 17)]
    [InlineData("intel-tdx-v4-c-2023-debug", "2023-07-01", "UpToDate", 0, 15)]
    [InlineData("intel-tdx-v4-d-2023-nolevel", "2023-07-01", "NotSupported", 0, 15)]
    [InlineData("intel-tdx-v5-a", "2025-07-01", "UpToDate", 0, 17)]
    [InlineData("intel-tdx-v5-b-nolevel", "2026-03-01", "NotSupported", 0, 18)]
    public void An_Intel_platform_has_the_status_and_advisories_that_its_collateral_leads_to(string sample, string at, string status, int advisories, int number)
    {
        TcbAssessment tcb = Samples.Verify(sample, at).Tcb;

        Assert.Equal((status, advisories, number), (tcb.Status, tcb.AdvisoryIds.Length, tcb.EvaluationDataNumber));
        Assert.Equal("UpToDate", tcb.Parts["qe"]);
    }

    [Theory]
    [InlineData("intel-tdx-v4-a", "2025-06-19T10:32:26Z")]
    [InlineData("intel-tdx-v4-a", "2025-07-19T10:00:36Z")]
    [InlineData("intel-tdx-v5-a", "2025-06-19T10:00:34Z")]
    [InlineData("intel-tdx-v5-a", "2025-07-04T09:40:19Z")]
    [InlineData("amd-snp-milan-v2-b", "2023-01-24T17:58:25Z")]
    [InlineData("amd-snp-milan-v2-b", "2030-01-24T17:58:27Z")]
    [InlineData("amd-snp-milan-v3-vlek", "2024-12-10T22:14:20Z")]
    [InlineData("amd-snp-milan-v3-vlek", "2025-12-10T22:14:22Z")]
    [InlineData("amd-snp-milan-v5-gcp", "2025-12-05T06:04:26Z")]
    [InlineData("azure-snp-milan-v3-vtpm", "2025-01-28T16:26:54Z")]
    [InlineData("aws-nitro-a", "2021-03-17T22:01:54Z")]
    [InlineData("aws-nitro-a", "2021-03-18T01:01:56Z")]
    public void A_second_outside_of_its_window_it_is_expired(string sample, string at)
    {
        AttestationVerdict verdict = Samples.Verify(sample, at);

        Assert.Equal(AttestationStatus.None, verdict.Status);
        Assert.EndsWith(".expired", verdict.FailedCheck!.Check, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intel-tdx-v4-a", "2025-06-19T10:32:27Z")]
    [InlineData("intel-tdx-v4-a", "2025-07-19T10:00:35Z")]
    [InlineData("intel-tdx-v5-a", "2025-06-19T10:00:35Z")]
    [InlineData("intel-tdx-v5-a", "2025-07-04T09:40:18Z")]
    [InlineData("amd-snp-milan-v3-vlek", "2025-12-10T22:14:21Z")]
    [InlineData("aws-nitro-a", "2021-03-18T01:01:55Z")]
    public void At_the_ends_of_its_window_it_still_holds(string sample, string at) =>
        Assert.Equal(AttestationStatus.Affirming, Samples.Verify(sample, at).Status);

    [Theory]
    [InlineData("intel-sgx-v3-a", "mrenclave", "33d8736db756ed4997e04ba358d27833188f1932ff7b1d156904d3f560452fbb")]
    [InlineData("intel-sgx-v3-a", "mrsigner", "815f42f11cf64430c30bab7816ba596a1da0130c3b028b673133a66cf9a3e0e6")]
    [InlineData("intel-tdx-v4-a", "mrtd", "91eb2b44d141d4ece09f0c75c2c53d247a3c68edd7fafe8a3520c942a604a407de03ae6dc5f87f27428b2538873118b7")]
    [InlineData("intel-tdx-v5-a", "mrtd", "157768a71a6a31f5561978c4cde665809d22976ef5dead2952839b7b3ea23b6c2931c9148fe1d117c99faefac18bb73b")]
    [InlineData("intel-tdx-v5-a", "teetcbsvn", "05010200000000000000000000000000")]
    [InlineData("amd-snp-milan-v5-gcp", "measurement", "b747d55452e0b9e9079770a49e397c5e6d9573581e246da7baac4f28b5cdc5b1b6d19251b8ee600fd16a3708f58406f3")]
    [InlineData("amd-snp-milan-v3-vlek", "vmpl", "1")]
    [InlineData("amd-snp-milan-v2-b", "policy", "000000000003001f")]
    [InlineData("aws-nitro-a", "pcr0", "2d151586641b790f3b1b92b8f89678c3aa86e73dd97969c892124be9d2b7fdc62b58a55cd9ee8216f6f5689cebf590ad")]
    [InlineData("azure-snp-milan-v3-vtpm", "pcr0", "e15c44796beabf46abcec7c57e590942041e47497e4ec27571c8b7664f48dced")]
    public void Measurements_are_those_that_the_evidence_states(string sample, string name, string value) =>
        Assert.Equal(value, Samples.Verify(sample, "2025-07-01").Measurements[name]);

    [Theory]
    [InlineData("intel-sgx-v3-a", "48656c6c6f2c20776f726c6421")]
    [InlineData("azure-snp-milan-v3-vtpm", "6368616c6c656e6765")]
    [InlineData("tpm2-gce-b-nonce", "9009")]
    public void Report_data_are_what_the_attester_bound(string sample, string expected)
    {
        string found = Convert.ToHexStringLower([.. Samples.Verify(sample, "2025-07-01").ReportData]);

        Assert.StartsWith(expected, found, StringComparison.Ordinal);
        Assert.DoesNotContain(found[expected.Length..], digit => digit != '0');
    }

    [Fact]
    public void A_single_quote_is_enough_where_collateral_comes_apart()
    {
        Outcome<Evidence> quote = Evidence.Detect(Samples.Bytes("intel-tdx-v4-a", "quote.bin"));
        Outcome<Collateral> collateral = Collateral.Of(Samples.Files("intel-tdx-v4-a"));

        AttestationVerdict verdict = Verifier.Verify(quote.Value, collateral.Value, Samples.Time("2025-07-01"));

        Assert.Equal(AttestationStatus.Affirming, verdict.Status);
    }

    [Fact]
    public void Any_padding_after_a_quote_is_tolerated()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("intel-tdx-v5-a");
        files["quote.bin"] = (byte[])[.. files["quote.bin"].Span, .. "whatever follows"u8];

        Assert.Equal(AttestationStatus.Affirming, Samples.Verify(files, "2025-07-01").Status);
    }
}
