using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Culvert.Enclaves;
using Culvert.Engine.Tests.Programs;
using Culvert.Sealing;

namespace Culvert.Engine.Tests.Samples;

/// <summary>The example program, as its command line runs it, over the repository's sample and against a plain loop.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void DelayedFlightsGivesWhatAPlainLoopGives()
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "sample.csv");
        string output = Path.Combine(_folder, "result.json");

        Assert.Equal(0, Example(sample, "--workers", "2", "-o", output));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(output));
        Assert.Equal(Expected(sample), document.RootElement.GetProperty("result").EnumerateArray().Select(row => (
            row.GetProperty("carrier").GetString()!,
            row.GetProperty("delayed").GetInt64(),
            row.GetProperty("total").GetInt64(),
            row.GetProperty("average").GetDouble())));
    }

    [Fact]
    public void DelayedFlightsReadsFilesWithAndWithoutAHeaderTogether()
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "sample.csv");
        string bare = Path.Combine(_folder, "bare.csv");
        File.WriteAllLines(bare, File.ReadLines(sample).Skip(1));
        string output = Path.Combine(_folder, "result.json");

        Assert.Equal(0, Example(sample, bare, "-o", output));

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(output));
        Assert.Equal(
            Expected(sample).Select(e => (e.Carrier, e.Delayed * 2, e.Total * 2)),
            document.RootElement.GetProperty("result").EnumerateArray().Select(row => (
                row.GetProperty("carrier").GetString()!, row.GetProperty("delayed").GetInt64(), row.GetProperty("total").GetInt64())));
        Assert.Equal(2 * (File.ReadLines(sample).Count() - 1), document.RootElement.GetProperty("rows").GetInt64());
    }

    [Fact]
    public async Task DelayedFlightsRunsInEnclavesThatAreProcessesOfIt()
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "sample.csv");
        string key = Path.Combine(_folder, "owner.key");
        using (Secret owner = Secret.Random(MachineEntropy.Instance))
        {
            OwnerKeys.Create(key, owner, null);
        }

        StartedProgram open = await StartedProgram.RunProgramAsync("DelayedFlights", [sample, "--format", "json"]);
        StartedProgram enclave = await StartedProgram.RunProgramAsync(
            "DelayedFlights", [sample, "--format", "json", "--key", key, "--protection", "enclave", "--workers", "1"]);

        Assert.Equal(open.Result, enclave.Result);
        Assert.StartsWith("""[{"carrier":"9E",""", enclave.Result, StringComparison.Ordinal);
    }

    private static int Example(params string[] args) => (int)Assembly.Load("DelayedFlights").EntryPoint!.Invoke(null, [args])!;

    private static IEnumerable<(string Carrier, long Delayed, long Total, double Average)> Expected(string path)
    {
        string[] header = File.ReadLines(path).First().Split(',');
        (int carrier, int delay) = (Array.IndexOf(header, "UniqueCarrier"), Array.IndexOf(header, "ArrDelay"));
        return File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .Where(fields => int.TryParse(fields[delay], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int minutes) && minutes > 0)
            .GroupBy(fields => fields[carrier], fields => long.Parse(fields[delay], CultureInfo.InvariantCulture))
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (g.Key, (long)g.Count(), g.Sum(), (double)g.Sum() / g.Count()));
    }
}
