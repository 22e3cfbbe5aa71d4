using System.Globalization;
using System.Text;
using Culvert.Benchmarks.Reports;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The page's parts about the delayed flights.</summary>
public static class FlightsSections
{
    /// <summary>Pieces of time that a run's throughput is shown by.</summary>
    private const int PiecesOfTime = 24;

    private static readonly ProtectionMode[] s_modes = Enum.GetValues<ProtectionMode>();

    internal static void Throughput(StringBuilder html, FlightsFigures flights, IReadOnlyList<SealingFigure> sealing)
    {
        SecureStreamsPage.Section(html, "throughput", "(c) Throughput of delayed flights: three modes, by workers",
            string.Create(CultureInfo.InvariantCulture, $"Count and sum of late minutes by carrier over {flights.FileRows * flights.Times / 1e6:0.##} million rows: a file of {flights.FileRows / 1e6:0.##} million, given {flights.Times} times. Open: the query's two columns parsed and in memory, by reference in one process. Sealed: a sealed file of all 29 columns, read by the host, opened by worker threads of the host's process. Enclave: the same, opened in as many enclaves as workers. Over time: the middle run of each."));
        html.Append("<div class=\"panels\">\n");
        foreach (int workers in flights.Workers)
        {
            html.Append(CultureInfo.InvariantCulture, $"<div><h3>{workers} worker{(workers == 1 ? "" : "s")} per stage</h3>\n");
            html.Append(LinePlot.Render(
                $"Throughput over time, {workers} workers",
                new PlotAxis("seconds since the start"),
                new PlotAxis("M rows/s"),
                [.. s_modes.Select(mode => new PlotSeries(Name(mode), Color(mode), OverTime(Middle(flights.Of(mode, workers))), HasMarks: false))],
                width: 330,
                height: 270));
            html.Append("</div>\n");
        }

        html.Append("</div>\n<h3>In total</h3>\n<p>Bars: rows per second once a run is under way. The last two read the plain CSV file once, processes and start-up included for polars.</p>\n");
        html.Append(ValueBars.Render("Throughput in total", new PlotAxis("M rows/s"),
        [
            .. flights.Workers.SelectMany(workers => s_modes.Select(mode =>
            {
                double rate = flights.Median(mode, workers, r => r.SteadyRowsPerSecond) / 1e6;
                return new ValueBar($"{Name(mode)}, {workers} worker{(workers == 1 ? "" : "s")}", rate, Color(mode),
                    $"{SecureStreamsPage.Number(rate, 1)} ({SecureStreamsPage.Number(flights.OfOpen(mode, workers), 2)}×)");
            })),
            .. flights.FromCsv.Where(c => c.Absent is null).Select(c =>
                new ValueBar(c.Name, c.RowsPerSecond / 1e6, "limit", SecureStreamsPage.Number(c.RowsPerSecond / 1e6, 1))),
        ]));
        SecureStreamsPage.Table(html,
            ["", "M rows/s under way", "of open", "predicted", "of predicted", "M rows/s with start-up", "start s", "per processor second"],
            flights.Workers.SelectMany(workers => s_modes.Select(mode => Row(flights, mode, workers)))
                .Concat(flights.FromCsv.Select(c => new[]
                {
                    c.Absent is null ? c.Name : $"{c.Name}: not run, {c.Absent}", "", "", "", "", SecureStreamsPage.Number(c.RowsPerSecond / 1e6, 1), "", "",
                })));
        Parts(html, flights, sealing);
        html.Append("</section>\n");
    }

    internal static void Completion(StringBuilder html, FlightsFigures flights)
    {
        SecureStreamsPage.Section(html, "completion", "(d) Completion time against workers for all stages",
            string.Create(CultureInfo.InvariantCulture, $"From the start, host and enclave processes included, to the result in the owner's hands; the same runs as above, mean and standard deviation of {flights.Of(ProtectionMode.Open, flights.Workers[0]).Count}."));
        html.Append(LinePlot.Render(
            "Completion time against workers",
            new PlotAxis("workers per stage") { Ticks = [(0, "0"), .. flights.Workers.Select(w => ((double)w, w.ToString(CultureInfo.InvariantCulture)))] },
            new PlotAxis("seconds"),
            [
                .. s_modes.Select(mode => new PlotSeries(Name(mode), Color(mode), [.. flights.Workers.Select(workers =>
                {
                    (double mean, double deviation) = MeanOf(flights.Of(mode, workers));
                    return new PlotPoint(workers, mean, deviation);
                })])),
            ]));
        SecureStreamsPage.Table(html, ["", .. flights.Workers.SelectMany(w => new[] { $"{w} worker{(w == 1 ? "" : "s")}: mean s", "± s", "of open" })], s_modes.Select(mode =>
            (IEnumerable<string>)[Name(mode), .. flights.Workers.SelectMany(workers =>
            {
                (double mean, double deviation) = MeanOf(flights.Of(mode, workers));
                return new[]
                {
                    SecureStreamsPage.Number(mean, 3),
                    SecureStreamsPage.Number(deviation, 3),
                    SecureStreamsPage.Number(mean / MeanOf(flights.Of(ProtectionMode.Open, workers)).Mean, 2) + "×",
                };
            })]));
        html.Append("</section>\n");
    }

    /// <summary>Mean and standard deviation of the completion times, in seconds.</summary>
    public static (double Mean, double Deviation) MeanOf(IReadOnlyList<FlightRun> runs)
    {
        double mean = runs.Average(r => r.Seconds);
        return (mean, runs.Count < 2 ? 0 : Math.Sqrt(runs.Sum(r => (r.Seconds - mean) * (r.Seconds - mean)) / (runs.Count - 1)));
    }

    /// <summary>Rows per second by piece of time: what was through at its ends, between samples in proportion.</summary>
    public static IReadOnlyList<PlotPoint> OverTime(FlightRun run)
    {
        List<ProgressSample> samples = [new(0, 0), .. run.Samples];
        double piece = run.Seconds / PiecesOfTime;
        double before = 0;
        List<PlotPoint> points = [];
        for (int i = 1; i <= PiecesOfTime; i++)
        {
            double through = Through(samples, i * piece);
            points.Add(new PlotPoint((i - 0.5) * piece, (through - before) / piece / 1e6));
            before = through;
        }

        return points;
    }

    private static double Through(List<ProgressSample> samples, double seconds)
    {
        int next = samples.FindIndex(s => s.Seconds >= seconds);
        if (next <= 0)
        {
            return next == 0 ? 0 : samples[^1].Rows;
        }

        (ProgressSample a, ProgressSample b) = (samples[next - 1], samples[next]);

        // Nothing was through before the first sample: it is a step and not a slope.
        return next == 1 ? 0 : a.Rows + ((b.Rows - a.Rows) * (seconds - a.Seconds) / (b.Seconds - a.Seconds));
    }

    private static void Parts(StringBuilder html, FlightsFigures flights, IReadOnlyList<SealingFigure> sealing)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<h3>The parts of the prediction</h3>\n<p>1/(1/open + 1/AES + 1/copy) with the open mode's rate and {flights.SealedBytesPerRow:F2} sealed bytes a row in the query's two columns. AES and copying are measured on one thread, and count as often as there are workers that have a core.</p>\n");
        SecureStreamsPage.Table(html, ["", "GB/s", "M rows/s"], new (string Name, double BytesPerSecond)[]
        {
            ("AES-GCM, decrypting, pieces as long as a column of a row group", flights.DecryptedBytesPerSecond),
            ("copying through the boundary (enclave)", flights.CopiedInBytesPerSecond),
            ("copying within a process (sealed)", flights.CopiedInMemoryBytesPerSecond),
        }.Select(p => new[] { p.Name, SecureStreamsPage.Number(p.BytesPerSecond / 1e9, 2), SecureStreamsPage.Number(p.BytesPerSecond / flights.SealedBytesPerRow / 1e6, 0) }));
        html.Append("<h3>Frames against the cipher alone</h3>\n<p>Sealing and opening a frame in place, against AesGcm encrypting and decrypting the same buffer, in turn; bytes counted once. The ratio is the median over the rounds.</p>\n");
        PlotAxis sizes = new("payload of a frame", IsLogarithmic: true) { Ticks = [.. sealing.Select(s => ((double)s.PayloadBytes, SecureStreamsPage.Size(s.PayloadBytes)))] };
        html.Append(LinePlot.Render("Frames against the cipher alone", sizes, new PlotAxis("GB/s"),
        [
            new PlotSeries("sealed and opened as frames", "enclave", [.. sealing.Select(s => new PlotPoint(s.PayloadBytes, s.FrameBytesPerSecond / 1e9))]),
            new PlotSeries("AesGcm alone", "limit", [.. sealing.Select(s => new PlotPoint(s.PayloadBytes, s.CipherBytesPerSecond / 1e9))], IsDashed: true),
        ], height: 260));
        SecureStreamsPage.Table(html, ["payload", "AesGcm GB/s", "frames GB/s", "ratio"], sealing.Select(s => new[]
        {
            SecureStreamsPage.Size(s.PayloadBytes),
            SecureStreamsPage.Number(s.CipherBytesPerSecond / 1e9, 2),
            SecureStreamsPage.Number(s.FrameBytesPerSecond / 1e9, 2),
            SecureStreamsPage.Number(s.Ratio, 2),
        }));
    }

    private static string[] Row(FlightsFigures flights, ProtectionMode mode, int workers)
    {
        double Middle(Func<FlightRun, double> of) => flights.Median(mode, workers, of);
        return
        [
            $"{Name(mode)}, {workers} worker{(workers == 1 ? "" : "s")}",
            SecureStreamsPage.Number(Middle(r => r.SteadyRowsPerSecond) / 1e6, 1),
            SecureStreamsPage.Number(flights.OfOpen(mode, workers), 2),
            mode == ProtectionMode.Open ? "" : SecureStreamsPage.Number(flights.Predicted(mode, workers) / 1e6, 1),
            mode == ProtectionMode.Open ? "" : SecureStreamsPage.Number(flights.OfPredicted(mode, workers), 2),
            SecureStreamsPage.Number(Middle(r => r.RowsPerSecond) / 1e6, 1),
            SecureStreamsPage.Number(Middle(r => r.StartSeconds), 2),
            SecureStreamsPage.Number(Middle(r => r.RowsPerProcessorSecond) / 1e6, 1),
        ];
    }

    private static FlightRun Middle(IReadOnlyList<FlightRun> runs) => runs.OrderBy(r => r.Seconds).ElementAt(runs.Count / 2);

    private static string Name(ProtectionMode mode) => mode.ToString().ToLowerInvariant();

    private static string Color(ProtectionMode mode) => Name(mode);
}
