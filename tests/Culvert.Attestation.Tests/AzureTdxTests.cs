using System.Collections.Immutable;
using Culvert.Attestation.Tests.Forge;

namespace Culvert.Attestation.Tests;

/// <summary>Azure's virtual machines on TDX, by an Azure and an Intel of the tests' own.</summary>
public class AzureTdxTests
{
    /// <summary>In a local report only the machine itself could check these: CPUSVN, and the MAC.</summary>
    private static readonly (int From, int To)[] s_unauthenticated = [(32 + 16, 32 + 32), (32 + 224, 32 + 256)];

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 0)]
    [InlineData(4, 9)]
    public void A_vTPMs_quote_is_affirmed_when_a_TDX_quote_binds_its_key(int version, byte serviceDomain)
    {
        using AzureForge azure = new() { ServiceDomain = serviceDomain };
        azure.Intel.Version = version;

        AttestationVerdict verdict = azure.Verify();

        Assert.Empty(verdict.Findings);
        Assert.Equal((EvidenceKind.AzureTdx, AttestationStatus.Affirming, "UpToDate"), (verdict.Kind, verdict.Status, verdict.Tcb.Status));
        Assert.Equal(azure.Nonce, verdict.ReportData);
        Assert.Equal(Convert.ToHexStringLower(azure.Registers[4]), verdict.Measurements["pcr4"]);
        Assert.Equal(string.Concat(Enumerable.Repeat("77", 48)), verdict.Measurements["mrtd"]);
        Assert.Contains("\"kind\": \"azure-tdx\"", System.Text.Encoding.UTF8.GetString(VerdictDocument.Write(verdict)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_measured_set_is_domain_and_registers()
    {
        using AzureForge azure = new();
        var measurements = azure.Verify().Measurements
            .Where(entry => entry.Key is "mrtd" or "rtmr0" or "rtmr1" or "rtmr2" or "rtmr3" or "pcr0" or "pcr4" or "pcr7")
            .ToImmutableSortedDictionary(entry => entry.Key, entry => ImmutableArray.Create(entry.Value));

        Assert.Equal(AttestationScope.Workload, azure.Verify(policy: new VerificationPolicy { Measurements = measurements }).Scope);
        Assert.Equal(AttestationScope.Platform, azure.Verify(policy: new VerificationPolicy { Measurements = measurements.Remove("pcr7") }).Scope);
    }

    [Theory]
    [InlineData("quote.bin", AttestationStatus.None, "intel.quote.missing")]
    [InlineData("collateral.json", AttestationStatus.None, "intel.collateral.missing")]
    [InlineData("tpm-quote.attest.bin", AttestationStatus.None, "azure.tpm-quote.missing")]
    [InlineData("pcrs-sha256.json", AttestationStatus.None, "tpm.registers.missing")]
    public void Nothing_may_be_missing(string file, AttestationStatus status, string check)
    {
        using AzureForge azure = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = azure.Files();
        files.Remove(file);

        AttestationVerdict verdict = azure.Verify(files);

        Assert.Equal((status, check), (verdict.Status, verdict.FailedCheck?.Check));
    }

    [Fact]
    public void Another_domains_quote_does_not_bind_the_key()
    {
        using AzureForge azure = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = azure.Files();
        azure.Intel.ReportData = [.. Enumerable.Repeat((byte)1, 64)];
        files["quote.bin"] = azure.Intel.Files()["quote.bin"];

        AttestationVerdict verdict = azure.Verify(files);

        Assert.Equal((AttestationStatus.Contraindicated, "azure.hcl.quote"), (verdict.Status, verdict.FailedCheck?.Check));
    }

    [Fact]
    public void Runtime_data_of_another_machine_are_refused()
    {
        using AzureForge azure = new();
        using AzureForge other = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = azure.Files();
        byte[] mixed = other.Files()["hcl-report.bin"].ToArray();
        files["hcl-report.bin"].Span[..(32 + 1184)].CopyTo(mixed);
        files["hcl-report.bin"] = mixed;

        AttestationVerdict verdict = azure.Verify(files);

        Assert.Equal((AttestationStatus.Contraindicated, "azure.hcl.binding"), (verdict.Status, verdict.FailedCheck?.Check));
    }

    [Fact]
    public void Mutations_of_the_HCL_report_are_verdicts_and_never_exceptions()
    {
        using AzureForge azure = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = azure.Files();
        byte[] original = files["hcl-report.bin"].ToArray();
        Mutation mutation = new(20260101);
        for (int i = 0; i < Nightly.Count(250, 500_000); i++)
        {
            byte[] mutated = mutation.Of(original);
            files["hcl-report.bin"] = mutated;
            Outcome<Evidence> evidence = Evidence.Detect(files);
            if (evidence.Succeeded)
            {
                EvidenceExplanation.Of(evidence.Value);
                bool affirmed = Verifier.Verify(evidence.Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, azure.Intel.Roots).Status == AttestationStatus.Affirming;
                Assert.True(!affirmed || SaysTheSame(original, mutated), $"mutation {i} is affirmed: {Convert.ToHexString(mutated)}");
            }
        }
    }

    [Fact]
    public void No_byte_of_the_HCL_report_may_be_altered_but_those_that_only_its_machine_can_check()
    {
        using AzureForge azure = new();
        Dictionary<string, ReadOnlyMemory<byte>> files = azure.Files();
        byte[] original = files["hcl-report.bin"].ToArray();
        List<int> wrong = [];
        for (int i = 0; i < original.Length; i++)
        {
            byte[] altered = [.. original];
            altered[i] ^= (byte)(1 << (i % 8));
            files["hcl-report.bin"] = altered;
            Outcome<Evidence> evidence = Evidence.Detect(files);
            bool affirmed = evidence.Succeeded
                && Verifier.Verify(evidence.Value, Collateral.None, CertificateForge.Now, VerificationPolicy.None, azure.Intel.Roots).Status == AttestationStatus.Affirming;
            if (affirmed != s_unauthenticated.Any(range => i >= range.From && i < range.To))
            {
                wrong.Add(i);
            }
        }

        Assert.Empty(wrong);
    }

    /// <summary>Whether two reports differ only in zeros at their ends and in what nothing authenticates.</summary>
    private static bool SaysTheSame(byte[] one, byte[] other)
    {
        byte[][] copies = [[.. one], [.. other]];
        foreach (byte[] copy in copies)
        {
            foreach ((int from, int to) in s_unauthenticated)
            {
                copy.AsSpan(from..to).Clear();
            }
        }

        return copies[0].AsSpan().TrimEnd((byte)0).SequenceEqual(copies[1].AsSpan().TrimEnd((byte)0));
    }
}
