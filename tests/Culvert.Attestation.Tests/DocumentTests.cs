using System.Text;
using System.Text.Json;

namespace Culvert.Attestation.Tests;

public class DocumentTests
{
    [Fact]
    public void A_verdict_is_one_document_with_every_part()
    {
        using JsonDocument document = JsonDocument.Parse(VerdictDocument.Write(Samples.Verify("intel-sgx-v3-a", "2025-07-01")));
        JsonElement root = document.RootElement;

        Assert.Equal(
            ["kind", "status", "scope", "at", "trustworthinessVector", "measurements", "tcb", "reportData", "failedCheck", "findings"],
            root.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("sgx", "warning", "platform"), (Text("kind"), Text("status"), Text("scope")));
        Assert.Equal("intel.tcb.status", root.GetProperty("failedCheck").GetProperty("check").GetString());
        Assert.Equal(["INTEL-SA-00289", "INTEL-SA-00615"], root.GetProperty("tcb").GetProperty("advisoryIds").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal(32, root.GetProperty("trustworthinessVector").GetProperty("hardware").GetInt32());

        string? Text(string name) => root.GetProperty(name).GetString();
    }

    [Fact]
    public void Evidence_of_no_kind_has_a_document_too()
    {
        Failure failure = Evidence.Detect("nothing"u8.ToArray()).Failure!;

        using JsonDocument document = JsonDocument.Parse(VerdictDocument.WriteUnknown(failure, DateTimeOffset.UnixEpoch));

        Assert.Equal(("unknown", "none"), (document.RootElement.GetProperty("kind").GetString(), document.RootElement.GetProperty("status").GetString()));
        Assert.Equal("evidence.format", document.RootElement.GetProperty("failedCheck").GetProperty("check").GetString());
    }

    [Fact]
    public void A_policy_is_read_whole()
    {
        VerificationPolicy policy = Parse("""
            {
              "kinds": ["tdx", "sev-snp"],
              "measurements": { "mrtd": "AB", "rtmr0": ["01", "02"] },
              "reportData": "0102",
              "acceptedTcbStatuses": ["SWHardeningNeeded"],
              "toleratedAdvisories": ["INTEL-SA-00615"],
              "minimumTcbEvaluationDataNumber": 18,
              "minimumIsvSvn": 3,
              "minimumSnpTcb": { "snp": 23 },
              "maximumVmpl": 0,
              "allowMigrationAgent": true,
              "requireAmdRevocations": true
            }
            """).Value;

        Assert.Equal([EvidenceKind.Tdx, EvidenceKind.SevSnp], policy.Kinds);
        Assert.Equal(["ab"], policy.Measurements["mrtd"]);
        Assert.Equal(["01", "02"], policy.Measurements["rtmr0"]);
        Assert.Equal([1, 2], policy.ReportData);
        Assert.Equal((18, 3, 0, true, true), (policy.MinimumTcbEvaluationDataNumber, policy.MinimumIsvSvn, policy.MaximumVmpl, policy.AllowMigrationAgent, policy.RequireAmdRevocations));
        Assert.Equal(23, policy.MinimumSnpTcb["snp"]);
        Assert.Equal(3, Parse("{}").Value.MaximumVmpl);
    }

    [Theory]
    [InlineData("[]", "it is no object")]
    [InlineData("""{ "allowDebug": true }""", "member allowDebug is not known")]
    [InlineData("""{ "kinds": ["sgx"], "kinds": [] }""", "kinds")]
    [InlineData("""{ "kinds": ["sgx2"] }""", "kind sgx2 is not known")]
    [InlineData("""{ "acceptedTcbStatuses": ["Revoked"] }""", "can never be accepted")]
    [InlineData("""{ "maximumVmpl": 4 }""", "maximumVmpl")]
    [InlineData("""{ "minimumIsvSvn": "3" }""", "minimumIsvSvn")]
    [InlineData("""{ "minimumSnpTcb": { "ucode": 1 } }""", "minimumSnpTcb has no ucode")]
    [InlineData("""{ "chipIds": ["ab"] }""", "chipIds is not hexadecimal of 64 bytes")]
    [InlineData("""{ "measurements": { "mrtd": "xyz" } }""", "mrtd is not hexadecimal")]
    [InlineData("""{ "requireAmdRevocations": "true" }""", "neither true nor false")]
    [InlineData("""{ "tpmRoots": ["*"] }""", "tpmRoots holds something that is not in base64")]
    [InlineData("""{ "tpmRoots": ["AAAA"] }""", "tpmRoots holds something other than a certificate")]
    [InlineData("""{ "simulationKeys": ["AAAA"] }""", "simulationKeys holds something other than a public key")]
    [InlineData("""{ "kinds": [] }""", "kinds is empty")]
    [InlineData("""{ "kinds": null }""", "kinds is null")]
    [InlineData("""{ "measurements": null }""", "measurements is null")]
    [InlineData("""{ "measurements": {} }""", "measurements is empty")]
    [InlineData("""{ "measurements": { "mrtd": [] } }""", "mrtd names no value")]
    [InlineData("""{ "measurements": { "mrtd": null } }""", "mrtd names no value")]
    [InlineData("""{ "reportData": "" }""", "reportData is empty")]
    [InlineData("""{ "chipIds": [] }""", "chipIds is empty")]
    [InlineData("""{ "minimumTcbEvaluationDataNumber": null }""", "minimumTcbEvaluationDataNumber is null")]
    public void A_policy_that_may_mean_something_else_is_refused(string text, string message)
    {
        Failure? failure = Parse(text).Failure;

        Assert.Equal(FailureKind.Malformed, failure?.Kind);
        Assert.Contains(message, failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_accepts_a_chip_and_revokes_it_is_refused()
    {
        string chip = new('a', 128);

        Failure? failure = Parse($$"""{ "chipIds": ["{{chip}}"], "revokedChipIds": ["{{chip}}"] }""").Failure;

        Assert.Contains("is both in chipIds and in revokedChipIds", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_names_chips_accepts_no_evidence_that_names_none()
    {
        VerificationPolicy policy = new() { ChipIds = [new string('a', 128)] };

        AttestationVerdict verdict = Samples.Verify("intel-tdx-v4-a", "2025-07-01", policy);

        Assert.Equal((AttestationStatus.Contraindicated, "policy.chip-id"), (verdict.Status, verdict.FailedCheck?.Check));
    }

    [Theory]
    [InlineData("intel-sgx-v3-a", "MRENCLAVE")]
    [InlineData("intel-tdx-v5-a", "TEE_TCB_SVN_2")]
    [InlineData("amd-snp-milan-v3-vlek", "provider")]
    [InlineData("azure-snp-milan-v3-vtpm", "runtime data")]
    [InlineData("aws-nitro-c-debug-mode", "PCR0")]
    [InlineData("tpm2-gce-b-nonce", "pcrDigest")]
    public void Every_field_has_words(string sample, string name)
    {
        var fields = EvidenceExplanation.Of(Samples.Evidence(sample)).Value;

        Assert.Contains(fields, field => field.Name == name);
        Assert.All(fields, field => Assert.False(string.IsNullOrWhiteSpace(field.Words) || string.IsNullOrWhiteSpace(field.Section)));
    }

    [Fact]
    public void Debug_is_named_in_words()
    {
        var fields = EvidenceExplanation.Of(Samples.Evidence("intel-sgx-v3-b-debug")).Value;

        Assert.Contains(fields, field => field is { Section: "enclave", Name: "DEBUG", Value: "1" } && field.Words.Contains("can read", StringComparison.Ordinal));
    }

    private static Outcome<VerificationPolicy> Parse(string text) => PolicyDocument.Parse(Encoding.UTF8.GetBytes(text));
}
