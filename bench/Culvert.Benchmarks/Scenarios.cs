using Culvert.Benchmarks.Attestation;
using Culvert.Benchmarks.Flights;
using Culvert.Benchmarks.Keyed;
using Culvert.Benchmarks.Processes;
using Culvert.Benchmarks.Snapshots;
using Culvert.Benchmarks.Windows;

namespace Culvert.Benchmarks;

/// <summary>All scenarios, in the order of the report.</summary>
public static class Scenarios
{
    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new DelayedFlightsFromCsv("delayed-flights", 10_000_000),
        new DelayedFlightsFromCsv("delayed-flights-small", 1_000_000),
        new GroupByInMemory(),
        new GroupByThroughLua(),
        new SlidingWindows(),
        new TwoWorkers(),
        new SnapshotPauses(),
        new MemoryOfLargeFiles(),
        new StartUp(),
        QuoteVerification.Sgx(),
        QuoteVerification.Tdx(),
    ];
}
