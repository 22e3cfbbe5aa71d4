using System.Diagnostics;
using System.Globalization;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Snapshots;

/// <summary>
/// Count and sum over so many keys that their state takes a gigabyte, changed at random all over, with and without
/// snapshots to a folder one after another. What counts is the longest time for which the source could not go on.
/// </summary>
public sealed class SnapshotPauses : IScenario
{
    /// <summary>About 56 bytes of key and state each, in pages that are two thirds full.</summary>
    private const long Keys = 15_000_000;

    /// <summary>Events in all per key.</summary>
    private const int EventsPerKey = 3;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_lookedAtEvery = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public string Name => "snapshots";

    /// <inheritdoc/>
    public string Title => "Count and sum over 15 M keys changed at random, 1 GB of state, 2 workers; pauses are times between the source's rounds";

    /// <inheritdoc/>
    public string Against => "without snapshots";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long keys = Math.Max(1, options.Rows / EventsPerKey ?? Keys);
        string folder = Repository.PathOf(".build", "bench-snapshots");
        return new PreparedScenario(
            [With("with snapshots", keys, folder), With(Against, keys, null)], keys * EventsPerKey / 1e6, "M events")
        { IsLong = true };
    }

    private static Contender With(string name, long keys, string? folder)
    {
        IReadOnlyList<Figure> figures = [];
        return new Contender(name, ContenderRole.Culvert, () =>
        {
            (string answer, figures) = RunAsync(keys, folder).GetAwaiter().GetResult();
            return answer;
        })
        { Figures = () => figures };
    }

    private static async Task<(string Answer, IReadOnlyList<Figure> Figures)> RunAsync(long keys, string? folder)
    {
        StampedSource source = new(keys, keys * (EventsPerKey - 1));
        Job job = Source.From<StateEvent>(source)
            .GroupBy(e => e.Key)
            .Aggregate(g => new { g.Key, Count = g.Count(), Sum = g.Sum(e => e.Value) })
            .To(new DiscardSinkSpec())
            .AsJob("snapshots");
        CountingBlobs? blobs = folder is null ? null : new CountingBlobs(new FolderBlobs(folder));
        long stateBytes = 0;
        try
        {
            RunOptions options = new() { Workers = 2, Snapshots = blobs, SnapshotInterval = s_interval };
            await using LocalRun run = await LocalRun.StartAsync(Plan.Compile(job), options).ConfigureAwait(false);
            while (!run.Completion.IsCompleted)
            {
                IReadOnlyList<StageProgress> stages = run.Progress();
                stateBytes = Math.Max(stateBytes, stages.Sum(stage => stage.StateBytes));
                if (stages.Min(stage => stage.Round) >= new Round(source.Stamps.Length - 1))
                {
                    break;
                }

                await Task.Delay(s_lookedAtEvery).ConfigureAwait(false);
            }

            run.Stop();
            RunReport report = await run.Completion.ConfigureAwait(false);
            List<Figure> figures = [.. Pauses(source), new Figure("state, copies for snapshots included", stateBytes / 1e6, "MB")];
            if (blobs is not null)
            {
                figures.Add(new Figure("written to the folder", blobs.BytesPut / 1e6, "MB"));
                figures.Add(new Figure("snapshots", blobs.ManifestsPut, "complete"));
            }

            return (string.Create(CultureInfo.InvariantCulture, $"{report.Rows} events\n"), figures);
        }
        finally
        {
            blobs?.Dispose();
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Times between rounds once every key is there; before, the table grows and methods are still compiled.</summary>
    private static IEnumerable<Figure> Pauses(StampedSource source)
    {
        IEnumerable<long> stamps = source.Stamps.Skip(source.FirstFullRound);
        double[] gaps = [.. stamps.Zip(stamps.Skip(1), (before, after) =>
            Stopwatch.GetElapsedTime(before, after).TotalMilliseconds).Order()];
        return gaps.Length == 0
            ? []
            :
            [
                new Figure("longest pause", gaps[^1], "ms"),
                new Figure("99.9 of 100 pauses are below", gaps[(int)((gaps.Length - 1) * 0.999)], "ms"),
                new Figure("median between rounds", gaps[gaps.Length / 2], "ms"),
            ];
    }
}
