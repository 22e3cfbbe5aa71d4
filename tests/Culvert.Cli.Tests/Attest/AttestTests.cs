using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Attest;

public class AttestTests : WorkFolder
{
    [Theory]
    [InlineData("intel-tdx-v5-a", "2025-07-01T00:00:00Z", 0, "affirming")]
    [InlineData("intel-tdx-v5-a", "2027-07-01T00:00:00Z", 1, "none")]
    [InlineData("intel-sgx-v3-a", "2025-07-01T00:00:00Z", 1, "warning")]
    [InlineData("amd-snp-milan-v2-a-debug", "2025-07-01T00:00:00Z", 1, "contraindicated")]
    public void Verify_prints_one_document_and_succeeds_only_for_an_affirming_verdict(string sample, string at, int exitCode, string status)
    {
        ProgramResult result = Culvert("attest", "verify", "--evidence", Sample(sample), "--at", at);

        using JsonDocument verdict = JsonDocument.Parse(result.Out);
        Assert.Equal((exitCode, status), (result.ExitCode, verdict.RootElement.GetProperty("status").GetString()));
        Assert.Equal(exitCode == 0, verdict.RootElement.GetProperty("failedCheck").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public void Verify_takes_a_quote_its_collateral_and_a_policy_apart()
    {
        string sample = Sample("intel-tdx-v4-a");
        File.Copy(Path.Join(sample, "quote.bin"), Path.Join(Folder, "q"));
        Write("policy.json", """{ "measurements": { "mrtd": "00" } }""");

        ProgramResult good = Culvert("attest", "verify", "--evidence", "q", "--collateral", sample, "--at", "2025-07-01");
        ProgramResult bad = Culvert("attest", "verify", "--evidence", "q", "--collateral", sample, "--at", "2025-07-01", "--policy", "policy.json");

        Assert.Equal(0, good.ExitCode);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("\"policy.mrtd\"", bad.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_of_no_kind_has_a_verdict_and_options_that_do_not_fit_have_a_message()
    {
        Write("text", "nothing");
        Write("policy.json", """{ "allowDebug": true }""");

        ProgramResult unknown = Culvert("attest", "verify", "--evidence", "text");
        ProgramResult missing = Culvert("attest", "verify", "--evidence", "nowhere");
        ProgramResult policy = Culvert("attest", "verify", "--evidence", "text", "--policy", "policy.json");
        ProgramResult time = Culvert("attest", "verify", "--evidence", "text", "--at", "soon");

        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("\"kind\": \"unknown\"", unknown.Out, StringComparison.Ordinal);
        Assert.Equal((2, 2, 2), (missing.ExitCode, policy.ExitCode, time.ExitCode));
        Assert.Contains("nowhere: there is no such file or folder", missing.Error, StringComparison.Ordinal);
        Assert.Contains("member allowDebug is not known", policy.Error, StringComparison.Ordinal);
        Assert.Contains("--at soon: not a time", time.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_says_every_field_in_words()
    {
        ProgramResult text = Culvert("attest", "explain", "--evidence", Sample("amd-snp-milan-v2-a-debug"));
        ProgramResult json = Culvert("attest", "explain", "--evidence", Sample("amd-snp-milan-v2-a-debug"), "--format", "json");

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Contains("  DEBUG: 1\n      debugging allowed: the host can read the guest's memory\n", text.Out, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json.Out);
        Assert.Contains(document.RootElement.GetProperty("fields").EnumerateArray(), field => field.GetProperty("name").GetString() == "MEASUREMENT");
    }

    private static string Sample(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Join(at.FullName, "shared", "data", "attestation", name);
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        Assert.Skip("REAL EVIDENCE IS NOT AT HAND, so nothing is verified against it: there is no folder shared/data/attestation beside the repository");
        return "";
    }
}
