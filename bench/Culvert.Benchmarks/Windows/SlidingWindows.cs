using System.Runtime.InteropServices;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Windows;

/// <summary>
/// Count and sum by one of 1,000 keys in windows of 60 s that start every second, over 100,000 events per second of event time:
/// every event belongs to 60 windows.
/// </summary>
public sealed class SlidingWindows : IScenario
{
    private const long Events = 20_000_000;
    private const int EventsPerSecond = 100_000;
    private const int Keys = 1_000;
    private const int WindowSeconds = 60;
    private const int RowsPerBatch = 8192;

    /// <summary>The naive way does this part of the work; its figure is per event all the same.</summary>
    private const double NaiveShare = 0.02;

    private static readonly DateTime s_start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <inheritdoc/>
    public string Name => "sliding-windows";

    /// <inheritdoc/>
    public string Title => "Count and sum in windows of 60 s by 1 s, 1,000 keys, 100,000 events per second of event time";

    /// <inheritdoc/>
    public string Against => "dictionary of windows";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        TimedEvent[] events = Make(options.Rows ?? Events);
        TimedEvent[] few = events[..Math.Max(1, (int)(events.Length * NaiveShare))];
        Batch[] batches = Batches(events);
        return new PreparedScenario(
            [
                Culvert("Culvert, 1 worker", batches, 1),
                Culvert("Culvert, 2 workers", batches, 2),
                new Contender(Against, ContenderRole.Peer, () => DictionaryOfWindows(few))
                {
                    Share = (double)few.Length / events.Length,
                    Expected = SlidingSums(few),
                },
                new Contender("bare loop, 1 thread", ContenderRole.Limit, () => SlidingSums(events)),
            ],
            events.Length / 1e6,
            "M events");
    }

    private static Contender Culvert(string name, Batch[] batches, int workers) => new(name, ContenderRole.Culvert, () =>
    {
        WindowDigest digest = new();
        Job job = Source.FromBatches<TimedEvent>(batches, partitions: 2)
            .WithEventTime(e => e.Time)
            .GroupBy(e => e.Key)
            .Window(WindowSpec.Sliding(TimeSpan.FromSeconds(WindowSeconds), TimeSpan.FromSeconds(1)))
            .Aggregate(g => new WindowResult(g.WindowStart, g.Key, g.Count(), g.Sum(e => e.Value)))
            .ToCallback(row => digest.Add(row.Start, row.Key, row.Count, row.Sum))
            .AsJob("sliding-windows");
        new LocalRunner(new RunOptions { Workers = workers }).RunAsync(job).GetAwaiter().GetResult();
        return digest.ToString();
    });

    private static TimedEvent[] Make(long count)
    {
        TimedEvent[] events = new TimedEvent[count];
        ulong bits = 1;
        for (int i = 0; i < events.Length; i++)
        {
            // Knuth's linear congruential generator, its upper half.
            bits = (bits * 6364136223846793005) + 1442695040888963407;
            DateTime time = s_start.AddTicks(i * (TimeSpan.TicksPerSecond / EventsPerSecond));
            events[i] = new TimedEvent(time, (int)(((bits >> 32) * Keys) >> 32), (int)(bits >> 54));
        }

        return events;
    }

    private static Batch[] Batches(TimedEvent[] events)
    {
        RowWriter<TimedEvent> writer = new();
        return [.. events.Chunk(RowsPerBatch).Select(rows =>
        {
            writer.Append(rows, rows.Length);
            return writer.Build();
        })];
    }

    /// <summary>What one writes first: each event goes into each of its windows.</summary>
    private static string DictionaryOfWindows(TimedEvent[] events)
    {
        Dictionary<(long Start, int Key), (long Count, long Sum)> windows = [];
        foreach (TimedEvent e in events)
        {
            long second = e.Time.Ticks / TimeSpan.TicksPerSecond;
            for (long start = second - WindowSeconds + 1; start <= second; start++)
            {
                ref (long Count, long Sum) window = ref CollectionsMarshal.GetValueRefOrAddDefault(windows, (start, e.Key), out _);
                window = (window.Count + 1, window.Sum + e.Value);
            }
        }

        WindowDigest digest = new();
        foreach (((long start, int key), (long count, long sum)) in windows)
        {
            digest.Add(new DateTime(start * TimeSpan.TicksPerSecond), key, count, sum);
        }

        return digest.ToString();
    }

    /// <summary>
    /// The limit, for events in the order of time and sums that can be taken back only: what enters a window is added, what
    /// leaves it is subtracted.
    /// </summary>
    private static string SlidingSums(TimedEvent[] events)
    {
        long first = events[0].Time.Ticks / TimeSpan.TicksPerSecond;
        int seconds = (int)((events[^1].Time.Ticks / TimeSpan.TicksPerSecond) - first) + 1;
        (long Count, long Sum)[] bySecond = new (long, long)[(seconds + WindowSeconds) * Keys];
        long begin = first * TimeSpan.TicksPerSecond;
        foreach (TimedEvent e in events)
        {
            ref (long Count, long Sum) cell = ref bySecond[((int)((e.Time.Ticks - begin) / TimeSpan.TicksPerSecond) * Keys) + e.Key];
            cell = (cell.Count + 1, cell.Sum + e.Value);
        }

        WindowDigest digest = new();
        (long Count, long Sum)[] window = new (long, long)[Keys];
        for (int last = 0; last < seconds + WindowSeconds - 1; last++)
        {
            DateTime start = new((first + last - WindowSeconds + 1) * TimeSpan.TicksPerSecond);
            for (int key = 0; key < Keys; key++)
            {
                (long enteredCount, long enteredSum) = bySecond[(last * Keys) + key];
                (long leftCount, long leftSum) = last >= WindowSeconds ? bySecond[((last - WindowSeconds) * Keys) + key] : default;
                window[key] = (window[key].Count + enteredCount - leftCount, window[key].Sum + enteredSum - leftSum);
                if (window[key].Count > 0)
                {
                    digest.Add(start, key, window[key].Count, window[key].Sum);
                }
            }
        }

        return digest.ToString();
    }
}
