using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Windows over disordered, skewed and idle partitions against <see cref="WindowOracle"/>.</summary>
public sealed class WindowTests
{
    [Fact]
    public Task WindowsOfGroupsAreThoseOfTheOracle() => Seeds.ForEach(100, async random =>
    {
        ScriptedSource<Event> source = Draw(random);
        (WindowSpec window, TimeSpan disorder) = Spec(random);
        WindowOracle oracle = new(source, window, disorder);

        (List<WindowRow> rows, RunReport report) = await Events.RunAndReport(random, Windowed(Timed(random, source, disorder), window));

        Assert.Equal(PerKey(oracle.Rows), PerKey(rows));
        Assert.Equal(oracle.Late.Count, report.LateEvents);
    });

    [Fact]
    public Task TheSideStreamHasExactlyTheEventsThatAreLateForEveryWindow() => Seeds.ForEach(100, async random =>
    {
        ScriptedSource<Event> source = Draw(random);
        (WindowSpec window, TimeSpan disorder) = Spec(random);
        WindowOracle oracle = new(source, window, disorder);
        List<WindowRow> rows = [];
        List<Event> late = [];
        WindowStream<WindowRow, Event> windows = Windowed(Timed(random, source, disorder), window);
        Job job = new("windows", windows.ToCallback(rows.Add), windows.LateEvents.ToCallback(late.Add)) { KeyPartitions = random.Next(1, 9) };

        RunReport report = await job.RunAsync(new RunOptions { Workers = random.Next(1, 4) }, TestContext.Current.CancellationToken);

        Assert.Equal(PerKey(oracle.Rows), PerKey(rows));
        Assert.Equal(oracle.Late.Select(e => $"{e}").Order(StringComparer.Ordinal), late.Select(e => $"{e}").Order(StringComparer.Ordinal));
        Assert.Equal(oracle.Late.Count, report.LateEvents);
    });

    [Fact]
    public Task WindowsWithoutKeysAreThoseOfTheOracle() => Seeds.ForEach(50, async random =>
    {
        ScriptedSource<Event> drawn = Draw(random);
        ScriptedSource<Event> source = new([.. drawn.Rounds.Select(p => p.Select(r => r.Select(e => e with { Key = 0 }).ToArray()).ToArray())]);
        (WindowSpec window, TimeSpan disorder) = Spec(random);
        WindowOracle oracle = new(source, window, disorder);

        (List<WindowRow> rows, RunReport report) = await Events.RunAndReport(random, Timed(random, source, disorder).Window(window)
            .Aggregate(g => new WindowRow(0, g.WindowStart, g.WindowEnd, g.Count(), g.Sum(e => e.Number), g.Average(e => e.Real), g.Max(e => e.Maybe))));

        Assert.Equal(oracle.Rows, rows);
        Assert.Equal(oracle.Late.Count, report.LateEvents);
    });

    [Fact]
    public void TheSeedsOfTheseTestsHaveLateEventsAndWindowsThatComeAnew()
    {
        int late = 0;
        int anew = 0;
        for (int seed = 1; seed <= 100; seed++)
        {
            Random random = new(seed);
            ScriptedSource<Event> source = Draw(random);
            (WindowSpec window, TimeSpan disorder) = Spec(random);
            WindowOracle oracle = new(source, window, disorder);
            late += oracle.Late.Count;
            anew += oracle.Rows.Count - oracle.Rows.DistinctBy(r => (r.Key, r.Start)).Count();
        }

        Assert.InRange(late, 100, int.MaxValue);
        Assert.InRange(anew, 50, int.MaxValue);
    }

    private static Stream<Event> Timed(Random random, ScriptedSource<Event> source, TimeSpan disorder)
    {
        Func<Event, DateTime> opaque = e => e.Time;
        return random.Next(2) == 0
            ? Events.Stream(source).WithEventTime(e => e.Time, disorder)
            : Events.Stream(source).WithEventTime(opaque, disorder);
    }

    private static WindowStream<WindowRow, Event> Windowed(Stream<Event> timed, WindowSpec window) => timed
        .GroupBy(e => e.Key).Window(window)
        .Aggregate(g => new WindowRow(g.Key, g.WindowStart, g.WindowEnd, g.Count(), g.Sum(e => e.Number), g.Average(e => e.Real), g.Max(e => e.Maybe)));

    private static (WindowSpec Window, TimeSpan Disorder) Spec(Random random)
    {
        int slide = random.Next(1, 8);
        int size = slide + random.Next(0, 12);
        TimeSpan lateness = TimeSpan.FromSeconds(random.Next(2) * random.Next(12));
        WindowSpec window = random.Next(2) == 0
            ? WindowSpec.Tumbling(TimeSpan.FromSeconds(size), lateness)
            : WindowSpec.Sliding(TimeSpan.FromSeconds(size), TimeSpan.FromSeconds(slide), lateness);
        return (window, TimeSpan.FromSeconds(random.Next(8)));
    }

    /// <summary>Partitions whose clocks differ, with stretches of empty rounds, so that some become idle.</summary>
    private static ScriptedSource<Event> Draw(Random random)
    {
        Event[][][] rounds = new Event[random.Next(1, 4)][][];
        for (int p = 0; p < rounds.Length; p++)
        {
            int second = random.Next(20);
            rounds[p] = new Event[random.Next(1, 25)][];
            bool quiet = false;
            for (int r = 0; r < rounds[p].Length; r++)
            {
                quiet = random.Next(6) == 0 ? !quiet : quiet;
                rounds[p][r] = [.. Enumerable.Range(0, quiet ? 0 : random.Next(6)).Select(_ => Events.Draw(random, second += random.Next(3)))];
            }
        }

        return new ScriptedSource<Event>(rounds);
    }

    private static IEnumerable<WindowRow> PerKey(IEnumerable<WindowRow> rows) => rows.OrderBy(r => r.Key);
}
