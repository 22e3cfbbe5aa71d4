using System.Text;
using System.Text.Json;
using Culvert.Engine.Tests.Samples;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Programs;

public sealed class JobProgramTests : IDisposable
{
    private const string Rows = "UniqueCarrier,ArrDelay\nWN,1\nAA,5\nAA,NA\nDL,-3\nAA,10\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert").FullName;
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task JsonIsOneDocumentWithTheRowsSortedByKey()
    {
        Assert.Equal(0, await Run(Flights(), "--format", "json", "--workers", "2"));

        using JsonDocument document = JsonDocument.Parse(Printed);
        JsonElement root = document.RootElement;
        Assert.Equal(["job", "rows", "seconds", "result"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("delayed-flights", root.GetProperty("job").GetString());
        Assert.Equal(5, root.GetProperty("rows").GetInt64());
        Assert.Equal(
            """[{"carrier":"AA","delayed":2,"total":15,"average":7.5},{"carrier":"WN","delayed":1,"total":1,"average":1}]""",
            root.GetProperty("result").GetRawText());
        Assert.Equal("", _error.ToString());
    }

    [Theory]
    [InlineData("out.csv", "carrier,delayed,total,average\nAA,2,15,7.5\n")]
    [InlineData("out.jsonl", "{\"carrier\":\"AA\",\"delayed\":2,\"total\":15,\"average\":7.5}\n")]
    public async Task AFilesNameSaysItsFormatAndNothingElseIsPrinted(string name, string expected)
    {
        string path = Path.Combine(_folder, name);
        Assert.Equal(0, await Run(Flights("UniqueCarrier,ArrDelay\nAA,5\nAA,10\n"), "-o", path));

        Assert.Equal(expected, await File.ReadAllTextAsync(path, Token));
        Assert.Equal("", Printed);
    }

    [Fact]
    public async Task AJsonFileHasItsNameOnceItIsComplete()
    {
        string path = Path.Combine(_folder, "out.json");
        Assert.Equal(0, await Run(Flights(), "--output=" + path));

        Assert.Equal(5, JsonDocument.Parse(await File.ReadAllTextAsync(path, Token)).RootElement.GetProperty("rows").GetInt64());
        Assert.False(File.Exists(path + FileSinkSpec.PartialSuffix));
    }

    [Fact]
    public async Task ATableIsWhatPeopleGet()
    {
        Assert.Equal(0, await Run(Flights()));
        Assert.StartsWith("carrier", Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileThatIsNotThereIsAFailureThatNamesIt()
    {
        Assert.Equal(1, await Run(Path.Combine(_folder, "none.csv"), "--format", "json"));
        Assert.Contains("none.csv", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", Printed);
    }

    [Theory]
    [InlineData("there is no option --speed", "x.csv", "--speed", "9")]
    [InlineData("--workers 0: it must be a number from 1 to 1024", "x.csv", "--workers", "0")]
    [InlineData("--format xml: the formats are", "x.csv", "--format", "xml")]
    [InlineData("--workers needs a value", "x.csv", "--workers")]
    [InlineData("--resume needs --snapshots", "x.csv", "--resume")]
    [InlineData("a table is for the terminal", "x.csv", "--format", "table", "-o", "out.txt")]
    [InlineData("say with --format", "x.csv", "-o", "out.txt")]
    [InlineData("--set a: write it as NAME=VALUE", "x.csv", "--set", "a")]
    [InlineData("--protection hidden: it is open, sealed or enclave", "x.csv", "--protection", "hidden")]
    [InlineData("--protection enclave needs the owner's key", "x.csv", "--protection", "enclave")]
    [InlineData("--passphrase-file needs the owner's key", "x.csv", "--passphrase-file", "p")]
    [InlineData("--epc 1KB: it is a size of at least 256KB", "x.csv", "--epc", "1KB")]
    [InlineData("a sealed result needs --key", "x.csv", "-o", "out.sealed")]
    [InlineData("a sealed result needs --key", "x.csv", "--format", "sealed", "--key", "k")]
    [InlineData("name at least one")]
    public async Task WrongUsageIsToldWithTheUsage(string message, params string[] args)
    {
        Assert.Equal(2, await Run(args));
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("usage:", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelpIsPrintedAndNothingRun()
    {
        Assert.Equal(0, await Run("--help"));
        Assert.Equal(JobArguments.Usage + "\n", Printed);
    }

    [Fact]
    public async Task ParametersReachTheJob()
    {
        string limit = "";
        Job Define(JobContext context)
        {
            limit = context.Parameter("limit", "none");
            return new DelayedFlights().Define(context);
        }

        Assert.Equal(0, await new JobProgram(_output, _error).RunAsync([Flights(), "--set", "limit=7=8"], Define, Token));
        Assert.Equal("7=8", limit);
    }

    [Fact]
    public async Task ARunThatIsStoppedEndsWith130AndPrintsNoResult()
    {
        using CancellationTokenSource stop = new();
        Job Define(JobContext context) => Endless(stop).ToStream().Aggregate(g => g.Count()).To(context.Output).AsJob("endless");

        Assert.Equal(130, await new JobProgram(_output, _error).RunAsync(["--format", "json"], Define, stop.Token));
        Assert.Equal("", Printed);
    }

    [Fact]
    public async Task AFinishedRunThatIsResumedGivesItsResultAgain()
    {
        string[] args = [Flights(), "--format", "json", "--snapshots", Path.Combine(_folder, "snapshots")];
        Assert.Equal(0, await Run(args));
        string first = JsonDocument.Parse(Printed).RootElement.GetProperty("result").GetRawText();
        _output.SetLength(0);

        Assert.Equal(0, await Run([.. args, "--resume"]));

        Assert.Equal(first, JsonDocument.Parse(Printed).RootElement.GetProperty("result").GetRawText());
    }

    private string Printed => Encoding.UTF8.GetString(_output.ToArray());

    private string Flights(string rows = Rows)
    {
        string path = Path.Combine(_folder, "flights.csv");
        File.WriteAllText(path, rows);
        return path;
    }

    private Task<int> Run(params string[] args) => new JobProgram(_output, _error).RunAsync(args, new DelayedFlights().Define, Token);

    private static IEnumerable<int> Endless(CancellationTokenSource stop)
    {
        for (int i = 0; ; i++)
        {
            if (i == 10_000)
            {
                stop.Cancel();
            }

            yield return i;
        }
    }
}
