using System.Reactive.Linq;
using System.Reactive.Subjects;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Keyed;

/// <summary>
/// Filter, map, and count and sum by one of 1,000 keys, over batches that are in memory already: what the operators cost
/// where no source is in their way.
/// </summary>
public sealed class GroupByInMemory : IScenario
{
    private const long Events = 100_000_000;

    /// <summary>Peers that take rows one by one do this part of the work; their figures are per event all the same.</summary>
    private const double PeersShare = 0.1;

    /// <inheritdoc/>
    public string Name => "group-by";

    /// <inheritdoc/>
    public string Title => "Filter (half is kept), map, count and sum by one of 1,000 integer keys; events in memory, as columns for Culvert, as rows for the peers";

    /// <inheritdoc/>
    public string Against => "System.Reactive";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        KeyedEvents events = KeyedEvents.Make(options.Rows ?? Events);
        KeyedEvent[] rows = events.FirstRows(Math.Max(1, (long)(events.Count * PeersShare)));
        string expected = KeyedSum.Text(Linq(rows));
        Contender OverRows(string name, Func<KeyedEvent[], IEnumerable<KeyedSum>> answer) =>
            new(name, ContenderRole.Peer, () => KeyedSum.Text(answer(rows))) { Share = (double)rows.Length / events.Count, Expected = expected };

        List<Contender> contenders =
        [
            Culvert("expressions, 1 worker", Expressions, events, 1),
            Culvert("expressions, 2 workers", Expressions, events, 2),
            Culvert("delegates, 1 worker", Delegates, events, 1),
            Culvert("delegates, 2 workers", Delegates, events, 2),
            OverRows("System.Reactive", Reactive),
            OverRows("LINQ", Linq),
            new("bare loop, 1 thread", ContenderRole.Limit, () => KeyedSum.Text(BareLoop(events))),
        ];
        return new PreparedScenario(contenders, events.Count / 1e6, "M events");
    }

    /// <summary>The job by expressions.</summary>
    internal static Stream<KeyedSum> Expressions(Stream<KeyedEvent> events) => events
        .Where(e => e.Value > 0)
        .Select(e => new KeyedEvent(e.Key, (e.Value * 3) + 1))
        .GroupBy(e => e.Key)
        .Aggregate(g => new KeyedSum(g.Key, g.Count(), g.Sum(e => e.Value)));

    private static Stream<KeyedSum> Delegates(Stream<KeyedEvent> events) => events
        .Where(IsKept)
        .Select(Mapped)
        .GroupBy(KeyOf)
        .Aggregate(g => new KeyedSum(g.Key, g.Count(), g.Sum(e => e.Value)));

    private static bool IsKept(KeyedEvent e) => e.Value > 0;

    private static KeyedEvent Mapped(KeyedEvent e) => new(e.Key, (e.Value * 3) + 1);

    private static int KeyOf(KeyedEvent e) => e.Key;

    private static Contender Culvert(string name, Func<Stream<KeyedEvent>, Stream<KeyedSum>> job, KeyedEvents events, int workers)
    {
        LocalRunner runner = new(new RunOptions { Workers = workers });

        // Two partitions for both: what differs between them is the workers only.
        return new Contender(name, ContenderRole.Culvert, () =>
            KeyedSum.Text(job(Source.FromBatches<KeyedEvent>(events.Batches, partitions: 2)).ToListAsync(runner).GetAwaiter().GetResult()));
    }

    private static List<KeyedSum> Reactive(KeyedEvent[] rows)
    {
        List<KeyedSum> results = [];
        using Subject<KeyedEvent> events = new();
        using IDisposable subscription = events
            .Where(IsKept)
            .Select(Mapped)
            .GroupBy(KeyOf)
            .SelectMany(group => group.Aggregate(new KeyedSum(group.Key, 0, 0), Added))
            .Subscribe(results.Add);
        foreach (KeyedEvent row in rows)
        {
            events.OnNext(row);
        }

        events.OnCompleted();
        return results;
    }

    private static IEnumerable<KeyedSum> Linq(KeyedEvent[] rows) => rows
        .Where(IsKept)
        .Select(Mapped)
        .AggregateBy(KeyOf, key => new KeyedSum(key, 0, 0), Added)
        .Select(pair => pair.Value);

    private static KeyedSum Added(KeyedSum sum, KeyedEvent e) => new(sum.Key, sum.Count + 1, sum.Sum + e.Value);

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
                // Without a branch, since half is kept.
                int kept = values[i] > 0 ? 1 : 0;
                counts[keys[i]] += kept;
                sums[keys[i]] += -kept & ((values[i] * 3) + 1);
            }
        }

        return Enumerable.Range(0, KeyedEvents.Keys).Where(key => counts[key] > 0).Select(key => new KeyedSum(key, counts[key], sums[key]));
    }
}
