using System.Security.Cryptography;
using System.Text.Json;
using Culvert.Cli.Tests.Running;
using Culvert.Enclaves;

namespace Culvert.Cli.Tests.Manifests;

/// <summary><c>culvert manifest init</c>, and <c>keys public</c>.</summary>
public class InitManifestTests : ManifestWorkFolder
{
    [Fact]
    public void A_manifest_is_made_of_the_plan_and_of_this_programs_image_and_is_signed()
    {
        ProgramResult made = Init();

        JsonElement manifest = Manifest();
        JsonElement stage = manifest.GetProperty("stages")[0];
        JsonElement accepted = stage.GetProperty("accepted")[0];
        Assert.Equal(("delayed-flights", 1, 0), (manifest.GetProperty("job").GetString(), manifest.GetProperty("version").GetInt32(), manifest.GetProperty("epoch").GetInt32()));
        Assert.Equal(PlanOfEnclaves(), manifest.GetProperty("plan").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(new EnclaveImage(AppContext.BaseDirectory).Digest().Value.Span),
            accepted.GetProperty("values").GetProperty("measurement").GetString());
        Assert.Equal("simulation", accepted.GetProperty("kind").GetString());
        Assert.Equal(DevelopmentKey(), manifest.GetProperty("platforms").GetProperty("simulation").GetProperty("simulationKeys")[0].GetString());
        Assert.Equal(Read("owner.pub"), PemOf(manifest.GetProperty("ownerKey").GetString()!));
        Assert.Equal(Succeeds("keys", "public", "owner.key", "--broker").Out, PemOf(manifest.GetProperty("brokerKey").GetString()!));
        Assert.Equal($"digest: {Shown().GetProperty("digest").GetString()}\n", made.Out);
        Assert.Equal(0, Run("manifest", "verify", "manifest.json", "--owner", "owner.pub").ExitCode);
    }

    [Fact]
    public void Simulation_is_not_allowed_unless_it_is_said_in_so_many_words()
    {
        string said = Init().Error;
        Assert.False(Manifest().GetProperty("allowSimulation").GetBoolean());
        Assert.Contains("NO KEY WILL BE RELEASED to simulated enclaves", said, StringComparison.Ordinal);
        Assert.Contains("culvert manifest update manifest.json --simulation --key owner.key", said, StringComparison.Ordinal);

        File.Delete(At("manifest.json"));
        Assert.Contains("ALLOWS SIMULATION", Init("--simulation").Error, StringComparison.Ordinal);
        Assert.True(Manifest().GetProperty("allowSimulation").GetBoolean());
    }

    [Fact]
    public void Options_set_what_does_not_follow_from_the_plan()
    {
        Write("snp.json", $$"""{ "kind": "sev-snp", "values": { "measurement": "{{new string('a', 96)}}" }, "description": "guest", "files": [] }""");
        Write("policy.json", """{ "minimumSnpTcb": { "microcode": 115 } }""");
        Init("--measurement", "snp.json", "--platform", "sev-snp=policy.json", "--not-after", "2099-01-31", "--activations", "3", "--epoch", "7");

        JsonElement manifest = Manifest();
        Assert.Equal("2099-01-31T00:00:00Z", manifest.GetProperty("notAfter").GetString());
        Assert.Equal(7, manifest.GetProperty("epoch").GetInt32());
        Assert.All(manifest.GetProperty("stages").EnumerateArray(), stage => Assert.Equal(3, stage.GetProperty("activationsMax").GetInt32()));
        Assert.Equal(["sev-snp"], manifest.GetProperty("platforms").EnumerateObject().Select(p => p.Name));
        Assert.Equal(115, manifest.GetProperty("platforms").GetProperty("sev-snp").GetProperty("minimumSnpTcb").GetProperty("microcode").GetInt32());
        Assert.False(File.Exists(At("simulation.pem")));
    }

    [Fact]
    public void That_a_result_is_sealed_is_part_of_the_plan_and_sealed_inputs_are_pinned()
    {
        Succeeds("seal", Path.Combine(Repository, "examples", "delayed-flights", "sample.csv"), "--key", "owner.key", "--job", Flights, "-o", "flights.sealed");
        Init("--input", "flights.sealed", "--result", "result.sealed");

        JsonElement manifest = Manifest();
        JsonElement[] stages = [.. manifest.GetProperty("stages").EnumerateArray()];
        Assert.Contains(stages, stage => stage.GetProperty("writesResult").GetBoolean());
        Assert.Contains(stages, stage => stage.GetProperty("readsInputs").GetBoolean());
        string stream = Assert.Single(manifest.GetProperty("inputs").EnumerateArray()).GetString()!;
        Assert.Contains(stream, Succeeds("verify", "flights.sealed", "--key", "owner.key", "--quiet").Out, StringComparison.Ordinal);
        Assert.False(File.Exists(At("result.sealed")) || File.Exists(At("result.sealed.partial")));
        string shown = PlanOfEnclaves();
        Assert.NotEqual(shown, manifest.GetProperty("plan").GetString());
        File.Delete(At("manifest.json"));
        Init("--result", "result.csv");
        Assert.Equal(shown, Manifest().GetProperty("plan").GetString());
    }

    [Fact]
    public void Where_the_key_is_elsewhere_a_manifest_is_made_unsigned_and_signed_there()
    {
        Write("broker.pub", Succeeds("keys", "public", "owner.key", "--broker").Out);
        string said = Succeeds("manifest", "init", Flights, "--owner", "owner.pub", "--broker-key", "broker.pub", "-o", "manifest.json").Error;
        Assert.Contains("nobody signed it", said, StringComparison.Ordinal);
        Assert.Contains("manifest.unsigned", Fails(1, "manifest", "verify", "manifest.json", "--owner", "owner.pub"), StringComparison.Ordinal);

        Succeeds("manifest", "sign", "manifest.json", "--key", "owner.key");
        Succeeds("manifest", "verify", "manifest.json", "--owner", "owner.pub");
    }

    [Fact]
    public void Wrong_uses_are_told_and_write_nothing()
    {
        Write("mrsigner.json", $$"""{ "kind": "sgx", "values": { "mrsigner": "{{new string('a', 64)}}" } }""");
        Write("chips.json", """{ "chipIds": [] , "minimumIsvSvn": 3 }""");
        Assert.Contains("it: a measured set of sgx lacks mrenclave; mrsigner does not say what code runs", Fails(2, Args("--key", "owner.key", "--measurement", "mrsigner.json")), StringComparison.Ordinal);
        Assert.Contains("a manifest has an owner", Fails(2, Args()), StringComparison.Ordinal);
        Assert.Contains("owner.key is the owner's secret key", Fails(2, Args("--owner", "owner.key", "--broker-key", "owner.pub")), StringComparison.Ordinal);
        Assert.Contains("member chipIds", Fails(2, Args("--key", "owner.key", "--platform", "sgx=chips.json")), StringComparison.Ordinal);
        Assert.Contains("--platform is KIND=FILE", Fails(2, Args("--key", "owner.key", "--platform", "sev=chips.json")), StringComparison.Ordinal);
        Assert.Contains("nowhere.json: there is no such file", Fails(2, Args("--key", "owner.key", "--measurement", "nowhere.json")), StringComparison.Ordinal);
        Assert.Contains("--not-after is a span", Fails(2, Args("--key", "owner.key", "--not-after", "soon")), StringComparison.Ordinal);
        Assert.Contains("notBefore is not before notAfter", Fails(2, Args("--key", "owner.key", "--not-after", "2001-01-01")), StringComparison.Ordinal);
        Assert.Contains("no stage of the job delayed-flights runs in an enclave", Fails(1, Args("--key", "owner.key", "--protection", "open")), StringComparison.Ordinal);
        Assert.Contains("there is no such job file", Fails(2, "manifest", "init", "nowhere.yaml", "--key", "owner.key"), StringComparison.Ordinal);
        Assert.False(File.Exists(At("manifest.json")));

        Init();
        string before = Read("manifest.json");
        Assert.Contains("is there already", Fails(2, Args("--key", "owner.key")), StringComparison.Ordinal);
        Assert.Equal(before, Read("manifest.json"));
    }

    private string[] Args(params string[] more) => ["manifest", "init", Flights, "-o", "manifest.json", .. more];

    /// <summary>The digest of the plan as a run with <c>--protection enclave</c> has it.</summary>
    private string PlanOfEnclaves()
    {
        Write("protected.yaml", "protection: enclave\n" + File.ReadAllText(Flights)
            .Replace("sample.csv", Path.Combine(Repository, "examples", "delayed-flights", "sample.csv"), StringComparison.Ordinal));
        using JsonDocument plan = JsonDocument.Parse(Succeeds("plan", "protected.yaml", "--format", "json").Out);
        return plan.RootElement.GetProperty("digest").GetString()!;
    }

    private string DevelopmentKey()
    {
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(Read("simulation.pem"));
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    private static string PemOf(string key) => PemEncoding.WriteString("PUBLIC KEY", Convert.FromBase64String(key)) + "\n";
}
