using Culvert.Benchmarks.Attestation;
using Culvert.Benchmarks.Clouds;
using Culvert.Benchmarks.Erasure;
using Culvert.Benchmarks.Flights;
using Culvert.Benchmarks.Keyed;
using Culvert.Benchmarks.Processes;
using Culvert.Benchmarks.Snapshots;
using Culvert.Benchmarks.Windows;

namespace Culvert.Benchmarks;

/// <summary>All scenarios, in the order of the reports.</summary>
public static class Scenarios
{
    /// <summary>Those of <c>culvert bench engine</c>.</summary>
    public static IReadOnlyList<IScenario> Engine { get; } =
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
    ];

    /// <summary>Those of <c>culvert bench attestation</c>.</summary>
    public static IReadOnlyList<IScenario> Attestation { get; } = [QuoteVerification.Sgx(), QuoteVerification.Tdx()];

    /// <summary>Those of <c>culvert bench storage</c>.</summary>
    public static IReadOnlyList<IScenario> Storage { get; } = [new PutPath(), new StoredBytes(), .. CloudDelays.All, new StorageMemory()];

    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<IScenario> All { get; } = [.. Engine, .. ErasureBench.All, .. Storage, .. Attestation];

    /// <summary>The scenarios of a part, as the first word after <c>culvert bench</c> names it; null when none is called so.</summary>
    public static IReadOnlyList<IScenario>? OfPart(string part) => part switch
    {
        "engine" => Engine,
        "erasure" => ErasureBench.All,
        "storage" => Storage,
        "attestation" => Attestation,
        _ => null,
    };
}
