using System.Globalization;
using System.Text;
using Culvert.Benchmarks.Boundary;
using Culvert.Benchmarks.Paging;
using Culvert.Benchmarks.Reports;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>One page that stands alone: what was asked for, the five parts with plot and table each, and what they were measured on.</summary>
public static class SecureStreamsPage
{
    private const string Style = """
        :root { color-scheme: light; --ink: #1c2430; --soft: #5b6675; --line: #e1e6ec; --paper: #fff; --open: #4c78a8; --sealed: #d98c1f; --enclave: #0b7a75; --limit: #9aa5b3; --missed: #b03a2e; }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.2rem; margin: 2.6rem 0 .2rem; } h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; }
        p { color: var(--soft); margin: .2rem 0 .8rem; } svg { width: 100%; height: auto; display: block; margin: .4rem 0; }
        svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .soft { fill: var(--soft); }
        table { border-collapse: collapse; min-width: 55%; font-variant-numeric: tabular-nums; margin: .4rem 0 1rem; }
        th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; } th:first-child, td:first-child { text-align: left; }
        th { font-weight: 600; vertical-align: bottom; } .goals th, .goals td + td { white-space: nowrap; } .missed { color: var(--missed); } .reached { color: var(--enclave); }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: var(--soft); } dd { margin: 0; }
        .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1rem; } .panels h3 { margin-left: .6rem; }
        """;

    /// <summary>The page.</summary>
    public static string Render(SecureStreamsFigures figures)
    {
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Culvert: secure streams, measured</title>\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n").Append(Style).Append("\n</style></head>\n<body>\n");
        html.Append("<h1>Secure streams, measured</h1>\n");
        html.Append("<p>The published evaluation's measurements on this code, in one go on one machine. Enclaves are simulated: locked-down processes without memory encryption, so a real TEE adds its own cost to every figure of the mode <em>enclave</em>.</p>\n");
        Goals(html, figures);
        Crossing(html, figures.Boundary, figures.Starts);
        Copying(html, figures.Boundary.Copies);
        FlightsSections.Throughput(html, figures.Flights, figures.Sealing);
        FlightsSections.Completion(html, figures.Flights);
        Paging(html, figures);
        HtmlReport.Facts(
            html,
            figures.Machine,
            ("Kernel", figures.Kernel),
            ("Load", string.Create(CultureInfo.InvariantCulture, $"{figures.LoadBefore:F1} before, {figures.LoadAfter:F1} after (1 minute); more than about 0.5 before means that something else ran")),
            ("Culvert's cores", $"hosts, workers and enclaves share all {figures.Machine.Cores}"));
        return html.Append("</body>\n</html>\n").ToString();
    }

    internal static void Section(StringBuilder html, string id, string title, string caption) => html.Append(CultureInfo.InvariantCulture,
        $"<section id=\"{id}\">\n<h2>{HtmlReport.Text(title)}</h2>\n<p>{HtmlReport.Text(caption)}</p>\n");

    /// <summary>A table of rows of cells, the first of a row being its name.</summary>
    internal static void Table(StringBuilder html, IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        html.Append("<table>\n<tr>").AppendJoin("", head.Select(h => $"<th>{HtmlReport.Text(h)}</th>")).Append("</tr>\n");
        foreach (IEnumerable<string> row in rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select(c => $"<td>{HtmlReport.Text(c)}</td>")).Append("</tr>\n");
        }

        html.Append("</table>\n");
    }

    internal static string Number(double value, int decimals) =>
        double.IsFinite(value) ? value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : "–";

    internal static string Size(int bytes) => bytes >= 1 << 20 ? $"{bytes >> 20} MB" : $"{bytes >> 10} KB";

    private static void Goals(StringBuilder html, SecureStreamsFigures figures)
    {
        html.Append("<section id=\"goals\">\n<h2>What was asked for</h2>\n<table class=\"goals\">\n<tr><th></th><th>asked for</th><th>measured</th><th></th></tr>\n");
        foreach (SecureStreamsGoal goal in SecureStreamsGoals.Of(figures))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{HtmlReport.Text(goal.What)}</td><td>{HtmlReport.Text(goal.Asked)}</td><td>{HtmlReport.Text(goal.Measured)}</td><td class=\"{(goal.IsReached ? "reached\">reached" : "missed\">missed")}</td></tr>\n");
        }

        html.Append("</table>\n</section>\n");
    }

    private static void Crossing(StringBuilder html, BoundaryFigures boundary, IReadOnlyList<EnclaveStartFigure> starts)
    {
        Section(html, "crossing", "(a) A call across the boundary, against a plain call",
            "Messages of 8 bytes between the host and an enclave's process through shared-memory rings, both sides busy; medians of 21 batches. The plain call is of a method that is not inlined. One way is the rate of many messages in a row, until the enclave has counted all.");
        (string Name, double Nanoseconds, string Color)[] rows =
        [
            ("plain call", boundary.PlainCallNanoseconds, "limit"),
            ("one way, many in a row", boundary.OneWayNanoseconds, "enclave"),
            ("half of a round trip", boundary.RoundTripNanoseconds / 2, "enclave"),
            ("round trip", boundary.RoundTripNanoseconds, "enclave"),
        ];
        html.Append(ValueBars.Render("A call across the boundary", new PlotAxis("nanoseconds (logarithmic)", IsLogarithmic: true),
            [.. rows.Select(r => new ValueBar(r.Name, Math.Max(r.Nanoseconds, 0.01), r.Color, $"{Number(r.Nanoseconds, 1)} ns"))]));
        Table(html, ["", "ns", "times a plain call"], rows.Select(r => new[] { r.Name, Number(r.Nanoseconds, 1), Number(r.Nanoseconds / boundary.PlainCallNanoseconds, 1) + "×" }));
        html.Append("<h3>Starting an enclave</h3>\n<p>From the start of its process, which restarts itself once to lock itself down, to its hello. Resident memory is what the process has of its own, what it maps of program files (shared by all enclaves of a machine), and the rings.</p>\n");
        Table(html, ["", "median ms", "fastest", "slowest", "resident MB", "own", "program files", "rings"], starts.Select(s => new[]
        {
            s.Program,
            Number(s.Median, 0),
            Number(s.Milliseconds.Min(), 0),
            Number(s.Milliseconds.Max(), 0),
            Number(s.ResidentBytes / 1e6, 1),
            Number(s.OwnBytes / 1e6, 1),
            Number(s.FileBytes / 1e6, 1),
            Number(s.RingBytes / 1e6, 1),
        }));
        html.Append("</section>\n");
    }

    private static void Copying(StringBuilder html, IReadOnlyList<CopyFigure> copies)
    {
        Section(html, "copying", "(b) Copying into an enclave, and in and out, by chunk size",
            "Chunks passed as messages through the rings, against the same chunks copied within a process to memory as far away as a ring. In and out: the enclave sends every chunk back, bytes counted once; two processes and two directions share the machine's cores.");
        PlotAxis sizes = new("chunk", IsLogarithmic: true)
        {
            Ticks = [.. copies.Where((_, i) => i % 2 == 0).Select(c => ((double)c.ChunkBytes, Size(c.ChunkBytes)))],
        };
        IReadOnlyList<PlotPoint> Points(Func<CopyFigure, double> of) => [.. copies.Select(c => new PlotPoint(c.ChunkBytes, of(c) / 1e9))];
        html.Append(LinePlot.Render("Copying through the boundary", sizes, new PlotAxis("GB/s"),
        [
            new PlotSeries("in", "enclave", Points(c => c.InBytesPerSecond)),
            new PlotSeries("in and out", "sealed", Points(c => c.InAndOutBytesPerSecond)),
            new PlotSeries("within a process (memcpy)", "limit", Points(c => c.MemoryBytesPerSecond), IsDashed: true),
        ]));
        Table(html, ["chunk", "in GB/s", "of memcpy", "in and out GB/s", "of memcpy", "memcpy GB/s"], copies.Select(c => new[]
        {
            Size(c.ChunkBytes),
            Number(c.InBytesPerSecond / 1e9, 2),
            Number(c.InBytesPerSecond / c.MemoryBytesPerSecond, 2),
            Number(c.InAndOutBytesPerSecond / 1e9, 2),
            Number(c.InAndOutBytesPerSecond / c.MemoryBytesPerSecond, 2),
            Number(c.MemoryBytesPerSecond / 1e9, 2),
        }));
        html.Append("</section>\n");
    }

    private static void Paging(StringBuilder html, SecureStreamsFigures figures)
    {
        Section(html, "paging", "(e) Throughput as state grows past the memory budget",
            string.Create(CultureInfo.InvariantCulture, $"Grouped counts on one thread with a budget of {figures.Options.PagingBudgetBytes >> 20} MiB for keyed state; what does not fit is sealed and kept outside, with freshness. Zipf: the key of rank r in proportion to 1/r. Uniform: every key alike, the worst case. Events per second of processor time; every key is there before the measurement."));
        double[] sizes = [.. PagedStateScenario.StatesToBudget];
        IReadOnlyList<PlotPoint> Points(KeyDistribution distribution, bool paged) =>
        [
            .. figures.Paging.Where(p => p.Distribution == distribution && p.BudgetBytes is not null == paged)
                .Select(p => new PlotPoint(p.StateToBudget, p.EventsPerProcessorSecond / 1e6)),
        ];
        PlotAxis axis = new("size of the state in budgets (logarithmic)", IsLogarithmic: true)
        {
            Ticks = [.. sizes.Select(s => (s, s.ToString(CultureInfo.InvariantCulture)))],
        };
        html.Append(LinePlot.Render("Throughput as state grows", axis, new PlotAxis("M events/s per core"),
        [
            new PlotSeries("Zipf", "enclave", Points(KeyDistribution.Zipf, true)),
            new PlotSeries("Zipf, no budget", "enclave", Points(KeyDistribution.Zipf, false), IsDashed: true),
            new PlotSeries("uniform", "sealed", Points(KeyDistribution.Uniform, true)),
            new PlotSeries("uniform, no budget", "sealed", Points(KeyDistribution.Uniform, false), IsDashed: true),
        ]));
        Table(html, ["keys by", "state / budget", "keys", "state MB", "M events/s per core", "of within", "without a budget", "pages out", "pages in", "inside MB"],
            figures.Paging.Where(p => p.BudgetBytes is not null).Select(p => new[]
            {
                p.Distribution.ToString(),
                p.StateToBudget.ToString(CultureInfo.InvariantCulture),
                Number(p.Keys, 0),
                Number(p.StateBytes / 1e6, 1),
                Number(p.EventsPerProcessorSecond / 1e6, 2),
                Number(SecureStreamsGoals.Paged(figures, p.Distribution, p.StateToBudget), 2),
                Number(figures.Paging.First(q => q.BudgetBytes is null && q.Distribution == p.Distribution && q.StateToBudget == p.StateToBudget).EventsPerProcessorSecond / 1e6, 2),
                Number(p.PagesOut, 0),
                Number(p.PagesIn, 0),
                Number(p.ResidentBytesPeak / 1e6, 1),
            }));
        html.Append("</section>\n");
    }
}
