using System.Diagnostics;
using System.Globalization;
using Culvert.Benchmarks.Boundary;
using Culvert.Benchmarks.Flights;
using Culvert.Benchmarks.Paging;
using Culvert.Benchmarks.Processes;
using Culvert.Benchmarks.Reports;
using Culvert.Engine;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The published evaluation's measurements on this code, in one go.</summary>
public static class SecureStreamsBenchmark
{
    /// <summary>Measures all parts.</summary>
    /// <param name="options">How much.</param>
    /// <param name="program">This program as a file that can be started: its <c>Main</c> runs hosts, enclaves and the boundary's probe.</param>
    /// <param name="product">The command, whose processes the delayed flights' hosts and enclaves are then, and whose enclave's start is measured too; or null.</param>
    /// <param name="progress">Told what is under way.</param>
    /// <exception cref="InvalidOperationException">A run gave a wrong answer, or no enclave starts here.</exception>
    public static async Task<SecureStreamsFigures> MeasureAsync(SecureStreamsOptions options, string program, string? product, TextWriter progress)
    {
        Machine machine = Machine.Describe();
        double loadBefore = Load();
        progress.WriteLine("securestreams: crossing the boundary, and copying through it");
        BoundaryFigures boundary = BoundaryProbe.Measure(program, options.RoundTrips, options.CopiedBytes);
        progress.WriteLine("securestreams: starting enclaves");
        List<EnclaveStartFigure> starts = [];
        if (product is not null)
        {
            starts.Add(EnclaveStarts.Measure(product, "culvert, compiled ahead as one with the runtime", options.Starts));
        }

        starts.Add(EnclaveStarts.Measure(program, "this benchmark", options.Starts));
        progress.WriteLine("securestreams: sealing and opening frames");
        IReadOnlyList<SealingFigure> sealing = SealingProbe.Measure(options.SealedBytes);
        FlightsFigures flights = await MeasureFlightsAsync(options, product ?? program, boundary, progress).ConfigureAwait(false);
        List<PagedStateResult> paging = [];
        foreach (KeyDistribution distribution in Enum.GetValues<KeyDistribution>())
        {
            foreach (double size in PagedStateScenario.StatesToBudget)
            {
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"securestreams: state of {size} budgets, {distribution} keys"));
                paging.Add(PagedStateScenario.Run(options.PagingBudgetBytes, size, distribution, options.PagingEvents));
                paging.Add(PagedStateScenario.Run(options.PagingBudgetBytes, size, distribution, options.PagingEvents, withinBudget: false));
            }
        }

        return new SecureStreamsFigures(machine, Kernel(), loadBefore, Load(), options, boundary, starts, sealing, flights, paging);
    }

    private static async Task<FlightsFigures> MeasureFlightsAsync(
        SecureStreamsOptions options, string program, BoundaryFigures boundary, TextWriter progress)
    {
        progress.WriteLine("securestreams: generating and sealing flights");
        using FlightsData data = FlightsData.Make(options.Rows);
        FlightsRunner runner = new(data, options.Times, program);
        List<FlightRun> runs = [];
        List<(string Name, List<double> Seconds, string? Absent, Action Run)> fromCsv =
        [
            ("open, from the plain CSV file", [], null, () => FromCsv(data, runner)),
            ("polars on the plain CSV file", [], Peers.WhyMissing(options.FetchPeers), () => Polars(data, runner)),
        ];
        foreach (ProtectionMode mode in Enum.GetValues<ProtectionMode>())
        {
            await runner.RunAsync(mode, options.Workers[0]).ConfigureAwait(false); // files into the page cache, code compiled
        }

        for (int repeat = 0; repeat < options.Repeats; repeat++)
        {
            foreach (int workers in options.Workers)
            {
                progress.WriteLine($"securestreams: delayed flights, run {repeat + 1} of {options.Repeats}, {workers} workers");
                foreach (ProtectionMode mode in Enum.GetValues<ProtectionMode>())
                {
                    runs.Add(await runner.RunAsync(mode, workers).ConfigureAwait(false));
                }
            }

            foreach ((_, List<double> seconds, string? absent, Action run) in fromCsv.Where(c => c.Absent is null))
            {
                long start = Stopwatch.GetTimestamp();
                run();
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        int piece = (int)Math.Max(1024, data.QueryBytes / data.Groups);
        CopyFigure copy = boundary.Copies.MinBy(c => Math.Abs(Math.Log((double)c.ChunkBytes / piece)))!;
        return new FlightsFigures(
            data.Rows,
            options.Times,
            (double)data.QueryBytes / data.Rows,
            runs,
            [.. fromCsv.Select(c => new CsvRun(c.Name, data.Rows, c.Seconds, c.Absent))],
            SealingProbe.Decrypting(piece / 2, options.SealedBytes),
            copy.InBytesPerSecond,
            copy.MemoryBytesPerSecond);
    }

    private static void FromCsv(FlightsData data, FlightsRunner runner) =>
        Require(MemoryOfLargeFiles.RunDelayedFlightsAsync(data.Csv).GetAwaiter().GetResult(), runner);

    private static void Polars(FlightsData data, FlightsRunner runner) => Require(
        DelayedFlightsAnswer.FromJson(Repository.Run(
            "node", ["polars.mjs", data.Csv, FlightsGenerator.Columns, "2"], Peers.Folder, ("POLARS_MAX_THREADS", "2"))),
        runner);

    /// <summary>The plain file is read once, so that its answer is the others' divided by how often they read it.</summary>
    private static void Require(string answer, FlightsRunner runner)
    {
        if (answer != runner.AnswerOfOnce)
        {
            throw new InvalidOperationException($"delayed flights from the plain CSV file: a wrong answer:\n{answer}\n{runner.AnswerOfOnce}");
        }
    }

    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
