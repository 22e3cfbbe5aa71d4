using Culvert.Benchmarks.Processes;
using Culvert.Engine;

namespace Culvert.Benchmarks.Flights;

/// <summary>
/// Delayed flights from a plain CSV file: count, sum and average of ArrDelay &gt; 0 by carrier. Whole processes, start-up
/// included, two threads each, the file in the page cache for all.
/// </summary>
public sealed class DelayedFlightsFromCsv(string name, long rows) : IScenario
{
    private const string Threads = "2";

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Title => "Delayed flights from a plain CSV file: two of 29 columns, whole processes, 2 threads";

    /// <inheritdoc/>
    public string Against => "polars";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        string file = FlightsFile.OfRows(options.Rows ?? rows);
        List<Contender> contenders =
        [
            Culvert(file),
            Peer("polars", "polars.mjs", file, options, ("POLARS_MAX_THREADS", Threads)),
            Peer("DuckDB", "duckdb.mjs", file, options),
            Limit("bare loop, 1 thread", file, "1"),
            Limit("bare loop, 2 threads", file, Threads),
        ];
        return new PreparedScenario(contenders, new FileInfo(file).Length / 1e6, "MB");
    }

    private static Contender Culvert(string file)
    {
        const string Label = "Culvert";
        return CulvertCommand.WhyMissing() is { } missing
            ? Contender.Missing(Label, ContenderRole.Culvert, missing)
            : new Contender(Label, ContenderRole.Culvert, () => DelayedFlightsAnswer.FromJson(
                Repository.Run(CulvertCommand.Path, CulvertCommand.Arguments(file))));
    }

    private static Contender Peer(
        string label, string script, string file, BenchmarkOptions options, params (string, string)[] environment)
    {
        string? missing = Peers.WhyMissing(options.FetchPeers);
        return missing is not null
            ? Contender.Missing(label, ContenderRole.Peer, missing)
            : new Contender(label, ContenderRole.Peer, () => DelayedFlightsAnswer.FromJson(
                Repository.Run("node", [script, file, FlightsGenerator.Columns, Threads], Peers.Folder, environment)));
    }

    private static Contender Limit(string label, string file, string threads)
    {
        // This program once more, so that its start-up counts as the others' does.
        string assembly = typeof(BareLoop).Assembly.Location;
        string program = Path.ChangeExtension(assembly, null);
        return new Contender(label, ContenderRole.Limit, () =>
            Repository.Run(program, [BareLoopCommand, file, threads]));
    }

    /// <summary>The hidden command that runs the bare loop alone: file, threads.</summary>
    public const string BareLoopCommand = "bare-loop";

    /// <summary>Does what <see cref="BareLoopCommand"/> asks for.</summary>
    public static string RunBareLoop(string file, int threads) => BareLoop.Run(file, threads);
}
