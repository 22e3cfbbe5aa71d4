using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Keyed;

/// <summary>
/// Two workers against one, where the source is not the limit: events in memory, with enough to compute for each that the
/// memory's bandwidth is not the limit either.
/// </summary>
public sealed class TwoWorkers : IScenario
{
    private const long Events = 50_000_000;

    /// <inheritdoc/>
    public string Name => "two-workers";

    /// <inheritdoc/>
    public string Title => "Two workers against one: a square root and a division per event, count and sum by one of 1,000 integer keys";

    /// <inheritdoc/>
    public string Against => "1 worker";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        KeyedEvents events = KeyedEvents.Make(options.Rows ?? Events);
        return new PreparedScenario(
            [
                With("2 workers", events, 2),
                With(Against, events, 1),
                new Contender("bare loop, 1 thread", ContenderRole.Limit, () => KeyedSum.Text(BareLoop(events))),
            ],
            events.Count / 1e6,
            "M events");
    }

    private static Contender With(string name, KeyedEvents events, int workers)
    {
        LocalRunner runner = new(new RunOptions { Workers = workers });
        return new Contender(name, ContenderRole.Culvert, () => KeyedSum.Text(
            Source.FromBatches<KeyedEvent>(events.Batches, partitions: 4)
                .Where(e => e.Value != 0)
                .Select(e => new KeyedEvent(e.Key, ((int)Math.Sqrt((double)e.Value * e.Value * 2) / 3) + e.Key))
                .GroupBy(e => e.Key)
                .Aggregate(g => new KeyedSum(g.Key, g.Count(), g.Sum(e => e.Value)))
                .ToListAsync(runner).GetAwaiter().GetResult()));
    }

    private static IEnumerable<KeyedSum> BareLoop(KeyedEvents events)
    {
        long[] counts = new long[KeyedEvents.Keys];
        long[] sums = new long[KeyedEvents.Keys];
        foreach (Batch batch in events.Batches)
        {
            ReadOnlySpan<int> keys = batch.Fixed<int>(0).Values;
            ReadOnlySpan<int> values = batch.Fixed<int>(1).Values;
            for (int i = 0; i < values.Length; i++)
            {
                if (values[i] != 0)
                {
                    counts[keys[i]]++;
                    sums[keys[i]] += ((int)Math.Sqrt((double)values[i] * values[i] * 2) / 3) + keys[i];
                }
            }
        }

        return Enumerable.Range(0, KeyedEvents.Keys).Where(key => counts[key] > 0).Select(key => new KeyedSum(key, counts[key], sums[key]));
    }
}
