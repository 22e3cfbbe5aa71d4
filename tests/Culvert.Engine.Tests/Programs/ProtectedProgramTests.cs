using System.Globalization;
using System.Text;
using System.Text.Json;
using Culvert.Enclaves;
using Culvert.Sealing;

namespace Culvert.Engine.Tests.Programs;

/// <summary>A program of a job, in the open, sealed, and in enclaves that are processes of the same program.</summary>
public sealed class ProtectedProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert").FullName;
    private readonly string _input;
    private readonly string _key;

    public ProtectedProgramTests()
    {
        (_input, _key) = (Path.Combine(_folder, "visits.csv"), Path.Combine(_folder, "owner.key"));
        File.WriteAllText(_input, Visits(400));
        using Secret owner = Secret.Random(MachineEntropy.Instance);
        OwnerKeys.Create(_key, owner, null);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("delegates", """{"room":"hall","Visits":35,"label":"hall: 37 to 97"}""")]
    [InlineData("windows", """{"room":"attic","from":"2026-01-01T00:00:00Z","visits":""")]
    public async Task AJobGivesOneResultInEveryProtection(string job, string contained)
    {
        StartedProgram open = await Run(job, "--set", "least=37");
        StartedProgram sealedRun = await Run(job, "--set", "least=37", "--key", _key, "--protection", "sealed", "--workers", "1");
        StartedProgram enclave = await Run(job, "--set", "least=37", "--key", _key, "--protection", "enclave", "--workers", "2", "--epc", "256KB");

        Assert.Contains(contained, open.Result, StringComparison.Ordinal);
        Assert.Equal(open.Result, sealedRun.Result);
        Assert.Equal(open.Result, enclave.Result);
        Assert.Contains("enclaves run as 'simulation'", enclave.Error, StringComparison.Ordinal);
        Assert.Equal("", open.Error);
    }

    [Fact]
    public async Task SealedInputIsReadInsideAndASealedResultIsWrittenThere()
    {
        string sealedInput = Path.Combine(_folder, "visits.sealed");
        string result = Path.Combine(_folder, "result.sealed");
        StartedProgram copy = await StartedProgram.RunAsync("copy", [_input, "--key", _key, "-o", sealedInput]);
        Assert.True(copy.ExitCode == 0, copy.Error);
        Assert.DoesNotContain("kitchen", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(sealedInput, Token)), StringComparison.Ordinal);

        StartedProgram run = await StartedProgram.RunAsync("copy", [sealedInput, "--key", _key, "--protection", "enclave", "--workers", "1", "-o", result]);
        Assert.True(run.ExitCode == 0, run.Error);
        StartedProgram noKey = await StartedProgram.RunAsync("windows", [result, "--format", "json"]);
        StartedProgram read = await StartedProgram.RunAsync("windows", [result, "--format", "json", "--key", _key]);

        Assert.Equal((await Run("windows")).Result, read.Result);
        Assert.Contains("it is opened here, in this process", read.Error, StringComparison.Ordinal);
        Assert.Equal(2, noKey.ExitCode);
        Assert.Contains("is sealed: name the owner's key with --key", noKey.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheGuidesJobRunsInEnclavesWithItsParameter()
    {
        await File.WriteAllTextAsync(_input, "UniqueCarrier,ArrDelay\nAA,5\nAA,61\nLH,70\nDL,NA\nDL,99\nAA,200\n", Token);

        StartedProgram run = await Run("late-carriers", "--set", "minutes=60", "--key", _key, "--protection", "enclave", "--workers", "1");

        Assert.Equal("""[{"carrier":"AA","late":2},{"carrier":"DL","late":1}]""", run.Result);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("enclave")]
    public async Task SealedColumnsThatMayMissValuesAreReadAsTypesWithoutNullUntilOneIsMissing(string protection)
    {
        (string whole, string broken) = (Path.Combine(_folder, "whole.sealed"), Path.Combine(_folder, "broken.sealed"));
        Assert.Equal(0, (await StartedProgram.RunAsync("loose", [_input, "--key", _key, "-o", whole])).ExitCode);
        await File.AppendAllTextAsync(_input, ",2026-02-01T00:00:00Z,1,true\n", Token);
        Assert.Equal(0, (await StartedProgram.RunAsync("loose", [_input, "--key", _key, "-o", broken])).ExitCode);
        string[] options = ["--key", _key, "--protection", protection, "--workers", "1", "--format", "json"];

        StartedProgram good = await StartedProgram.RunAsync("windows", [whole, .. options]);
        StartedProgram bad = await StartedProgram.RunAsync("windows", [broken, .. options]);

        Assert.Contains("""{"room":"attic","from":"2026-01-01T00:00:00Z","visits":""", good.Result, StringComparison.Ordinal);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("column 'Room' misses values, and the job reads it as text, which has no null; declare it as text? in the job", bad.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("integrity", bad.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sealed", "--culvert-host", 1, true)]
    [InlineData("enclave", "--culvert-enclave", 2, false)]
    public async Task OperatorsRunWhereTheProtectionSays(string protection, string role, int processes, bool seesFile)
    {
        StartedProgram run = await Run("where", "--set", $"path={_input}", "--key", _key, "--protection", protection, "--workers", "2");

        using JsonDocument rows = JsonDocument.Parse(run.Result);
        JsonElement[] places = [.. rows.RootElement.EnumerateArray()];
        int[] ran = [.. places.Select(p => p.GetProperty("Process").GetInt32()).Distinct()];
        Assert.Equal(400, places.Length);
        Assert.Equal(processes, ran.Length);
        Assert.DoesNotContain(run.ProcessId, ran);
        Assert.Equal([role], places.Select(p => p.GetProperty("Role").GetString()).Distinct());
        Assert.Equal([seesFile], places.Select(p => p.GetProperty("SeesFile").GetBoolean()).Distinct());
    }

    [Fact]
    public async Task ADefinitionThatDependsOnTheEnvironmentIsRefusedInside()
    {
        StartedProgram run = await StartedProgram.RunAsync(
            "variable",
            [_input, "--format", "json", "--key", _key, "--protection", "enclave", "--workers", "1"],
            (ProgramJobs.Variable, "hall"));

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Contains("the job's definition gives another plan in the worker than at the owner", run.Error, StringComparison.Ordinal);
        Assert.Contains("it may depend on its inputs and parameters only", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADefinitionThatReadsAFileIsRefusedInside()
    {
        StartedProgram run = await Run("file", "--key", _key, "--protection", "enclave", "--workers", "1");

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Out);
        Assert.Contains("the job's definition fails in the worker, with UnauthorizedAccessException", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_input, run.Error, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<StartedProgram> Run(string job, params string[] args) => StartedProgram.RunAsync(job, [_input, "--format", "json", .. args]);

    /// <summary>Five rooms in turn, a visit every ten minutes, of 1 to 100 minutes, every third of them in the dark.</summary>
    private static string Visits(int count)
    {
        string[] rooms = ["attic", "cellar", "garage", "hall", "kitchen"];
        StringBuilder text = new("Room,Time,Minutes,Lit\n");
        for (int i = 0; i < count; i++)
        {
            DateTime time = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(10 * i);
            text.Append(CultureInfo.InvariantCulture, $"{rooms[i % 5]},{time:yyyy-MM-ddTHH:mm:ssZ},{(i * 37 % 100) + 1},{(i % 3 == 0 ? "false" : "true")}\n");
        }

        return text.ToString();
    }
}
