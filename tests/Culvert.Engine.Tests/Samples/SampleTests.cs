using System.Reactive.Linq;
using System.Reactive.Subjects;
using System.Text;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Samples;

/// <summary>The code in docs/csharp.md, run. What the page shows stands here line by line: a test of the repository compares them.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AJobClassIsAProgram()
    {
        string path = Path.Combine(_folder, "flights.csv");
        await File.WriteAllTextAsync(path, "Year,UniqueCarrier,ArrDelay\n2008,AA,5\n2008,AA,NA\n2008,DL,-3\n2008,AA,10\n", Token);
        using MemoryStream output = new();

        int code = await new JobProgram(output, TextWriter.Null).RunAsync([path, "--format", "csv"], new DelayedFlights().Define, Token);

        Assert.Equal(0, code);
        Assert.Equal("carrier,delayed,total,average\nAA,2,15,7.5\n", Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task WindowsAreTestedWithEventsThatCarryTheirTime()
    {
        DateTime noon = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
        Reading[] readings =
        [
            new("attic", noon, 1),
            new("attic", noon.AddSeconds(59), 3),
            new("attic", noon.AddSeconds(60), 10),
        ];

        List<MinuteAverage> averages = await Readings.PerMinute(readings.ToStream()).ToListAsync(Token);

        Assert.Equal([new("attic", noon, 2), new("attic", noon.AddMinutes(1), 10)], averages);
    }

    [Fact]
    public async Task AStreamEndsInAListAnEnumerationOrAnObservable()
    {
        Stream<int> squares = Enumerable.Range(1, 4).ToList().ToStream().Select(n => n * n);

        List<int> list = await squares.ToListAsync(Token);
        int sum = 0;
        await foreach (int square in squares.ToAsyncEnumerable(Token))
        {
            sum += square;
        }

        int last = await squares.ToObservable().LastAsync();

        Assert.Equal([1, 4, 9, 16], list);
        Assert.Equal(30, sum);
        Assert.Equal(16, last);
    }

    [Fact]
    public async Task AClockThatATestMovesDecidesWhenAWaitingSourceClosesItsRound()
    {
        VirtualClock clock = new();
        using Subject<int> silent = new();
        TaskCompletionSource<int> received = new();
        SinkNode sink = silent.ToStream().Merge(Observable.Return(42).Concat(Observable.Never<int>()).ToStream())
            .ToCallback(n => received.TrySetResult(n));
        await using LocalRun run = await LocalRun.StartAsync(Plan.Compile(sink.AsJob("merge")), new RunOptions { Clock = clock }, Token);

        while (!received.Task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal(42, await received.Task);
    }
}
