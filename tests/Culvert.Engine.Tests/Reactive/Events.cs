using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Random events, cut at random, and runs with random numbers of partitions and workers, some of plans that were written and read back.</summary>
internal static class Events
{
    internal static readonly DateTime Midnight = new(2008, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Words = ["", "a", "b", "ab", "Ä", "猫", "zz"];

    internal static Event Draw(Random random, int index) => new(
        random.Next(5),
        random.Next(-50, 50),
        random.Next(3) == 0 ? null : random.Next(-9, 9),
        random.NextInt64(-1L << 40, 1L << 40),
        random.Next(-400, 400) / 4.0,
        random.Next(3) == 0 ? null : random.Next(-40, 40) / 4.0,
        random.Next(-1000, 1000) / 100m,
        Words[random.Next(Words.Length)],
        random.Next(3) == 0 ? null : Words[random.Next(Words.Length)],
        Midnight.AddSeconds(index + random.Next(-6, 6)));

    /// <summary>A source of up to some 200 events in 1 to 4 partitions of up to 8 rounds, some of them empty.</summary>
    internal static ScriptedSource<Event> Source(Random random, bool mayBeEmpty = true)
    {
        int partitions = random.Next(1, 5);
        int index = 0;
        int roundsMax = random.Next(mayBeEmpty ? 0 : 1, 9);
        Event[][][] rounds = new Event[partitions][][];
        for (int p = 0; p < partitions; p++)
        {
            rounds[p] = new Event[random.Next(roundsMax == 0 ? 0 : 1, roundsMax + 1)][];
            index = 0;
            for (int r = 0; r < rounds[p].Length; r++)
            {
                int count = random.Next(4) == 0 ? 0 : random.Next(1, 12);
                count = !mayBeEmpty && r == 0 ? Math.Max(1, count) : count;
                rounds[p][r] = [.. Enumerable.Range(0, count).Select(_ => Draw(random, index++))];
            }
        }

        return new ScriptedSource<Event>(rounds);
    }

    /// <summary>A source of 1 to 4 partitions with 8 to 20 rounds each: enough to be stopped in several times.</summary>
    internal static ScriptedSource<Event> LongSource(Random random)
    {
        int index = 0;
        Event[] Round() => [.. Enumerable.Range(0, random.Next(8)).Select(_ => Draw(random, index++ / 2))];
        return new ScriptedSource<Event>([.. Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => Enumerable.Range(0, random.Next(8, 21)).Select(_ => Round()).ToArray())]);
    }

    internal static Stream<Event> Stream(ScriptedSource<Event> source) => Streams.Source.From<Event>(source);

    /// <summary>
    /// Runs a job of the stream, with a number of key partitions and workers that the seed decides, as does whether the plan is
    /// run as it was compiled or as it is read back from its canonical form.
    /// </summary>
    internal static async Task<List<T>> Run<T>(Random random, Stream<T> stream) => (await RunAndReport(random, stream)).Rows;

    internal static async Task<(List<T> Rows, RunReport Report)> RunAndReport<T>(Random random, Stream<T> stream)
    {
        List<T> rows = [];
        Job job = new("property", stream.ToCallback(rows.Add)) { KeyPartitions = random.Next(1, 9) };
        RunOptions options = new() { Workers = random.Next(1, 4) };
        Plan plan = Plan.Compile(job);
        await using LocalRun run = await LocalRun.StartAsync(
            random.Next(2) == 0 ? plan : ReadBack(plan), options, TestContext.Current.CancellationToken);
        RunReport report = await run.Completion;
        Assert.True(report.Finished);
        return (rows, report);
    }

    private static Plan ReadBack(Plan plan)
    {
        Outcome<Plan> read = Plan.Read(plan.WriteCanonical(), PlanParts.From(plan));
        Assert.True(read.Succeeded, read.Failure?.Message);
        Assert.Equal(plan.Digest, read.Value.Digest);
        return read.Value;
    }
}
