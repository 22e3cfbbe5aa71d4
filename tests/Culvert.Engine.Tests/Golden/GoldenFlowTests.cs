using Culvert.Engine.Tests.Reactive;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Golden;

/// <summary>
/// The same files, byte for byte: straight, with other numbers of workers, and stopped at random rounds and resumed, several
/// times and each time with another number of workers.
/// </summary>
public sealed class GoldenFlowTests : IDisposable
{
    private const int StopsMax = 5;

    private readonly string _root = Directory.CreateTempSubdirectory("culvert").FullName;
    private int _folders;

    public static TheoryData<string> Flows => [.. Flow.Names];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [MemberData(nameof(Flows))]
    public Task AnyNumberOfWorkersWritesTheSameBytes(string name) => Seeds.ForEach(4, async random =>
    {
        Flow flow = Flow.Named(name, random);
        string[] expected = await Straight(flow, workers: 1);

        Assert.Equal(expected, await Straight(flow, workers: 2));
        Assert.Equal(expected, await Straight(flow, workers: 3));
    });

    [Theory]
    [MemberData(nameof(Flows))]
    public Task ARunThatIsStoppedAndResumedWritesTheSameBytes(string name) => Seeds.ForEach(6, async random =>
    {
        Flow flow = Flow.Named(name, random);
        string[] expected = await Straight(flow, workers: 1);
        string folder = NewFolder();
        long events = flow.Sources.Sum(s => s.InOrder.Count());

        RunReport report = await StoppedAndResumed(flow, folder, random);

        Assert.Equal(expected, Content(folder));
        Assert.Equal(events, report.Rows);
    });

    [Fact]
    public Task ExactSumsAreTheSameHoweverTheInputIsCutIntoRounds() => Seeds.ForEach(6, async random =>
    {
        Flow flow = Flow.Named("keyed sums", random);
        string[] expected = await Straight(flow, workers: 2);
        Event[] events = [.. flow.Sources[0].InOrder];

        Assert.Equal(expected, await Straight(flow with { Sources = [new([[events]])] }, workers: 2));
        Assert.Equal(expected, await Straight(flow with { Sources = [new([[.. events.Select(e => new[] { e })]])] }, workers: 2));
    });

    [Fact]
    public async Task TheStopsOfTheseTestsDoStopRuns()
    {
        // Asked for while the first round is read, it comes behind the second one: long before the end.
        Flow flow = Flow.Named("scan", new Random(1));
        using FolderBlobs snapshots = new(NewFolder());
        RunReport report = await Until(flow, NewFolder(), new RunOptions { Workers = 1, Snapshots = snapshots }, stopAt: 0);
        Assert.False(report.Finished);
    }

    private async Task<string[]> Straight(Flow flow, int workers)
    {
        string folder = NewFolder();
        RunReport report = await flow.Define(flow.Sources, folder).RunAsync(new RunOptions { Workers = workers }, Token);
        Assert.True(report.Finished);
        return Content(folder);
    }

    private async Task<RunReport> StoppedAndResumed(Flow flow, string folder, Random random)
    {
        string snapshots = NewFolder();
        RunReport report;
        int stops = 0;
        do
        {
            using FolderBlobs blobs = new(snapshots);
            RunOptions options = new()
            {
                Workers = random.Next(1, 4),
                Snapshots = blobs,
                SnapshotInterval = random.Next(2) == 0 ? TimeSpan.FromHours(1) : TimeSpan.Zero,
                Resume = stops > 0,
            };
            report = await Until(flow, folder, options, stops < StopsMax ? random.Next(12) : int.MaxValue - 1);
            stops++;
        }
        while (!report.Finished);

        return report;
    }

    /// <summary>Runs until so many rounds have been read by all partitions together, and then stops.</summary>
    private static async Task<RunReport> Until(Flow flow, string folder, RunOptions options, int stopAt)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim stopped = new();
        int read = 0;
        foreach (ScriptedSource<Event> source in flow.Sources)
        {
            source.BeforeRound = (_, _) =>
            {
                if (Interlocked.Increment(ref read) == stopAt + 1)
                {
                    reached.SetResult();
                    stopped.Wait(Token);
                }
            };
        }

        await using LocalRun run = await LocalRun.StartAsync(Plan.Compile(flow.Define(flow.Sources, folder)), options, Token);
        if (await Task.WhenAny(reached.Task, run.Completion) == reached.Task)
        {
            run.Stop();
        }

        stopped.Set();
        RunReport report = await run.Completion.WaitAsync(Token);
        foreach (ScriptedSource<Event> source in flow.Sources)
        {
            source.BeforeRound = null;
        }

        return report;
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"{_folders++}")).FullName;

    private static string[] Content(string folder) =>
    [
        .. Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetFileName(path)}: {Convert.ToHexString(File.ReadAllBytes(path))} {File.ReadAllText(path)}"),
    ];
}
