using System.Globalization;
using Culvert.Enclaves;
using Culvert.Storage;

namespace Culvert.Benchmarks.Clouds;

/// <summary>What is done over clouds that answer after 20, 60, 120 and 250 ms.</summary>
internal enum DelayedOperation
{
    /// <summary>Metadata of three, then blocks of two: the third and the second fastest.</summary>
    Read,

    /// <summary>Blocks are asked for together with metadata: the third fastest alone.</summary>
    ReadSpeculatively,

    /// <summary>Blocks to three, then metadata to three: twice the third.</summary>
    Write,
}

/// <summary>
/// A unit of 64 KiB read and written over clouds with delays, against the waiting that the protocol cannot do without. The ratio asked
/// for is 0.91: a tenth more than that waiting.
/// </summary>
internal sealed class CloudDelays(string name, DelayedOperation operation) : IScenario
{
    private const string Waiting = "waiting alone";
    private const int UnitBytes = 64 << 10;

    /// <summary>
    /// Writes take turns on so many units: behind a write its heads still follow, and whoever writes the same unit meanwhile has to
    /// look up what they do not tell yet.
    /// </summary>
    private const int UnitsWritten = 8;
    private const long Operations = 20;

    // Tiny runs of the tests say 2,000 rows.
    private const long RowsPerOperation = 1_000;

    private static readonly int[] s_delaysMs = [250, 20, 120, 60];

    internal static IReadOnlyList<IScenario> All { get; } =
    [
        new CloudDelays("storage-read", DelayedOperation.Read),
        new CloudDelays("storage-read-speculative", DelayedOperation.ReadSpeculatively),
        new CloudDelays("storage-write", DelayedOperation.Write),
    ];

    public string Name => name;

    public string Title => operation switch
    {
        DelayedOperation.Read => "reads over clouds at 20, 60, 120 and 250 ms; the wait is third and second fastest, 180 ms",
        DelayedOperation.ReadSpeculatively => "reads over clouds at 20, 60, 120 and 250 ms, blocks together with metadata; the wait is the third fastest, 120 ms",
        _ => "writes over clouds at 20, 60, 120 and 250 ms; the wait is twice the third fastest, 240 ms",
    };

    public string Against => Waiting;

    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long operations = options.Rows is { } rows ? Math.Max(1, rows / RowsPerOperation) : Operations;
        Store store = BenchStore.Make(BenchStore.Clouds(keepsBlocks: true, s_delaysMs), new StoreOptions { Speculate = operation == DelayedOperation.ReadSpeculatively });
        for (int unit = 0; unit < (operation == DelayedOperation.Write ? UnitsWritten : 1); unit++)
        {
            BenchStore.Put(store, NameOf(unit), UnitBytes);
        }

        store.FlushAsync().GetAwaiter().GetResult();
        int[] waits = operation switch
        {
            DelayedOperation.Read => [120, 60],
            DelayedOperation.ReadSpeculatively => [120],
            _ => [120, 120],
        };
        return new PreparedScenario(
            [
                new Contender("Culvert", ContenderRole.Culvert, () => Repeat(operations, time => Do(store, time))),
                new Contender(Waiting, ContenderRole.Limit, () => Repeat(operations, _ =>
                {
                    foreach (int wait in waits)
                    {
                        MachineClock.Instance.Delay(TimeSpan.FromMilliseconds(wait), CancellationToken.None).GetAwaiter().GetResult();
                    }
                })),
            ],
            operations,
            operation == DelayedOperation.Write ? "writes" : "reads");
    }

    private static string NameOf(long unit) => string.Create(CultureInfo.InvariantCulture, $"unit-{unit}");

    private void Do(Store store, long time)
    {
        if (operation == DelayedOperation.Write)
        {
            BenchStore.Put(store, NameOf(time % UnitsWritten), UnitBytes);
            return;
        }

        using MemoryStream back = new(UnitBytes);
        BenchStore.ValueOf(store.GetAsync(NameOf(0), back, null, CancellationToken.None));
        if (back.Length != UnitBytes)
        {
            throw new InvalidOperationException($"{back.Length} bytes came back of {UnitBytes}");
        }
    }

    private static string Repeat(long times, Action<long> once)
    {
        for (long i = 0; i < times; i++)
        {
            once(i);
        }

        return "done";
    }
}
