using System.Diagnostics;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>Runs the delayed flights in one mode, watches how far it comes, and checks the answer.</summary>
/// <param name="data">The input.</param>
/// <param name="times">How often the input is given: a run's rows are so many times the file's.</param>
/// <param name="program">The program that hosts and enclaves are processes of.</param>
internal sealed class FlightsRunner(FlightsData data, int times, string program)
{
    /// <summary>Between two looks at a run's progress.</summary>
    private static readonly TimeSpan s_sampling = TimeSpan.FromMilliseconds(20);

    private readonly Batch[] _parsed = [.. Enumerable.Repeat(data.Parsed, times).SelectMany(batches => batches)];

    /// <summary>The answer that all runs have to give; the first one's.</summary>
    internal string? Answer { get; private set; }

    /// <summary>The answer over the file read once.</summary>
    internal string? AnswerOfOnce { get; private set; }

    /// <summary>Who releases keys to enclaves for their evidence; null (default): the owner's key, without.</summary>
    internal IKeyBroker? Broker { get; init; }

    /// <summary>Rows of a run.</summary>
    internal long Rows => data.Rows * times;

    /// <summary>Runs once.</summary>
    /// <exception cref="InvalidOperationException">The answer is not that of the runs before.</exception>
    internal async Task<FlightRun> RunAsync(ProtectionMode mode, int workers)
    {
        using ResultRows result = new();
        Stream<FlightsQuery.Flight> flights = mode == ProtectionMode.Open
            ? Source.FromBatches<FlightsQuery.Flight>(_parsed, FlightsQuery.Partitions)
            : Source.From<FlightsQuery.Flight>(data.SealedSource(times));
        Plan plan = FlightsQuery.Over(flights, mode, result);
        GC.Collect();
        TimeSpan processor = ProcessorTime.Spent();
        long start = Stopwatch.GetTimestamp();
        IRun run = mode == ProtectionMode.Open
            ? await LocalRun.StartAsync(plan, new RunOptions { Workers = workers }).ConfigureAwait(false)
            : OwnerRun.Start(plan, data.Owner, new OwnerRunOptions
            {
                Workers = workers,
                Code = FlightsQuery.Checked(LuaScripts.Of(plan).WriteCanonical()),
                Host = () => HostProcess.Start(program, []),
                Broker = Broker,
            });
        List<ProgressSample> samples = [];
        await using (run.ConfigureAwait(false))
        {
            while (!run.Completion.IsCompleted)
            {
                await Task.WhenAny(run.Completion, Task.Delay(s_sampling)).ConfigureAwait(false);
                Note(samples, Stopwatch.GetElapsedTime(start).TotalSeconds, Through(run, mode));
            }

            RunReport report = await run.Completion.ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Note(samples, seconds, Rows);
            Check(mode, workers, report, FlightsQuery.Answer(result, 1));
            AnswerOfOnce ??= FlightsQuery.Answer(result, times);
            await run.DisposeAsync().ConfigureAwait(false);
            return new FlightRun(
                mode, workers, Rows, seconds, samples[0].Seconds, (ProcessorTime.Spent() - processor).TotalSeconds, samples);
        }
    }

    /// <summary>Rows of the rounds that all partitions of the last stage have completed; in the open, rows that were read.</summary>
    private long Through(IRun run, ProtectionMode mode)
    {
        IReadOnlyList<StageProgress> progress = run.Progress();
        if (mode == ProtectionMode.Open)
        {
            return progress[0].Rows;
        }

        // A round is a row group of each partition; all but the last of a file are equally long.
        Round round = progress[^1].Round;
        long groups = round == Round.End ? long.MaxValue : (round.Value + 1) * FlightsQuery.Partitions;
        return groups >= (long)data.Groups * times ? Rows : Rows * groups / ((long)data.Groups * times);
    }

    private static void Note(List<ProgressSample> samples, double seconds, long rows)
    {
        if (rows > 0 && (samples.Count == 0 || rows > samples[^1].Rows))
        {
            samples.Add(new ProgressSample(seconds, rows));
        }
    }

    private void Check(ProtectionMode mode, int workers, RunReport report, string answer)
    {
        Answer ??= answer;
        if (!report.Finished || report.Rows != Rows || answer != Answer)
        {
            throw new InvalidOperationException(
                $"delayed flights, {mode} with {workers} workers: {report.Rows} rows of {Rows}, and this answer instead of the first one's:\n{answer}\n{Answer}");
        }
    }
}
