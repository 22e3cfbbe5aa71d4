using System.Globalization;
using System.Text;
using Culvert.Benchmarks.Flights;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.Processes;

/// <summary>
/// The most memory that the delayed flights take over files of three sizes: it does not grow with the file. Each runs in a
/// process of its own, and its figure is the system's.
/// </summary>
public sealed class MemoryOfLargeFiles : IScenario
{
    /// <summary>The hidden command that runs the delayed flights in C# over a file.</summary>
    public const string Command = "delayed-flights";

    private const string LargestName = "C# job, 3 GB";

    // About 94 bytes a row.
    private const long LargestRows = 32_000_000;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public string Title => "Delayed flights over plain CSV files of 100 MB, 1 GB and 3 GB, 2 workers; each in a process of its own";

    /// <inheritdoc/>
    public string Against => LargestName;

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        long rows = options.Rows ?? LargestRows;
        string largest = FlightsFile.OfRows(rows);
        double bytes = new FileInfo(largest).Length;
        List<Contender> contenders = [];
        foreach ((string size, long part) in new[] { ("3 GB", 1L), ("1 GB", 3L), ("100 MB", 30L) })
        {
            string file = part == 1 ? largest : FlightsFile.OfRows(Math.Max(1, rows / part));
            double share = new FileInfo(file).Length / bytes;
            string expected = DelayedFlightsFromCsv.RunBareLoop(file, 2);
            contenders.Add(Watched($"C# job, {size}", share, expected, Self, [Command, file], output => output));
            contenders.Add(CulvertCommand.WhyMissing() is { } reason
                ? Contender.Missing($"job file, {size}", ContenderRole.Culvert, reason)
                : Watched($"job file, {size}", share, expected, CulvertCommand.Path, CulvertCommand.Arguments(file), DelayedFlightsAnswer.FromJson));
        }

        return new PreparedScenario(contenders, bytes / 1e6, "MB") { IsLong = true };
    }

    /// <summary>Does what <see cref="Command"/> asks for.</summary>
    public static async Task<string> RunDelayedFlightsAsync(string file)
    {
        CsvSourceSpec source = new(new CsvSourceSettings { Inputs = [file], Csv = new CsvOptions { Missing = ["", "NA"] } });
        List<DelayedCarrier> carriers = await Source.From<Flight>(source)
            .Where(f => f.ArrDelay > 0)
            .GroupBy(f => f.UniqueCarrier)
            .Aggregate(g => new DelayedCarrier(g.Key, g.Count(), g.Sum(f => f.ArrDelay)))
            .ToListAsync(new LocalRunner(new RunOptions { Workers = 2 })).ConfigureAwait(false);
        StringBuilder text = new();
        foreach (DelayedCarrier carrier in carriers.OrderBy(c => c.Carrier, StringComparer.Ordinal))
        {
            DelayedFlightsAnswer.Append(text, carrier.Carrier, carrier.Delayed, carrier.Total);
        }

        return text.ToString();
    }

    private static string Self => Path.ChangeExtension(typeof(MemoryOfLargeFiles).Assembly.Location, null);

    private static Contender Watched(
        string name, double share, string expected, string program, string[] arguments, Func<string, string> answer)
    {
        double peak = 0;
        return new Contender(name, ContenderRole.Culvert, () =>
        {
            (string output, peak) = ChildProcess.Run(program, arguments);
            return answer(output);
        })
        {
            Share = share,
            Expected = expected,
            Figures = () => [new Figure("peak memory", peak, "MB")],
        };
    }

    private sealed record Flight(string UniqueCarrier, int? ArrDelay);

    private sealed record DelayedCarrier(string Carrier, long Delayed, long Total);
}
