using System.Globalization;
using System.Net;
using System.Text;

namespace Culvert.Benchmarks.Reports;

/// <summary>One page that stands alone: a plot and its table per scenario, and what it was measured on.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { --ink: #1c2430; --soft: #5b6675; --line: #dde2e8; --paper: #fff; --culvert: #0b7a75; --peer: #8795a6; --limit: #d9a441; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333c48; --paper: #161b22; --culvert: #2bb5ad; --peer: #728196; --limit: #d9a441; }
        }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
        p { color: var(--soft); margin: .2rem 0 .8rem; } svg { width: 100%; height: auto; }
        svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg .soft { fill: var(--soft); }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; } th:first-child, td:first-child { text-align: left; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { color: var(--soft); } dd { margin: 0; }
        .key span { display: inline-block; width: .8rem; height: .8rem; margin: 0 .35rem 0 1rem; border-radius: 2px; }
        """;

    /// <summary>The page.</summary>
    public static string Render(Machine machine, IReadOnlyList<ScenarioResult> results)
    {
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Culvert's benchmarks</title>\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n").Append(Style).Append("\n</style></head>\n<body>\n");
        html.Append("<h1>Culvert's benchmarks</h1>\n<p>Contenders ran in turn, in one go, on one machine. Bars are medians, whiskers the fastest and slowest run. ");
        html.Append("Every contender gave the same answer.</p>\n");
        html.Append("<p class=\"key\">");
        Key(html, "culvert", "Culvert");
        Key(html, "peer", "what a user would pick instead");
        Key(html, "limit", "the limit: code for just this question");
        html.Append("</p>\n");
        foreach (ScenarioResult result in results)
        {
            html.Append(CultureInfo.InvariantCulture, $"<section>\n<h2>{Text(result.Name)}</h2>\n<p>{Text(result.Title)}; {Numbers.Rate(result.Work)} {Text(result.Unit)} each.</p>\n");
            html.Append(BarPlot.Render(result));
            Table(html, result);
            html.Append("</section>\n");
        }

        Facts(html, machine);
        return html.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>Text that cannot be taken for markup.</summary>
    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Key(StringBuilder html, string color, string meaning) =>
        html.Append(CultureInfo.InvariantCulture, $"<span style=\"background: var(--{color})\"></span>{Text(meaning)}");

    private static void Table(StringBuilder html, ScenarioResult result)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<table>\n<tr><th></th><th>median s</th><th>fastest</th><th>slowest</th><th>{Text(result.Unit)}/s</th><th>per core</th><th>processor s</th><th>times {Text(result.Against)}</th></tr>\n");
        foreach (Measurement m in result.Measurements)
        {
            string figures = string.Concat(m.Figures.Select(figure => $"<br><small>{Text(figure.Name)}: {Numbers.Rate(figure.Value)} {Text(figure.Unit)}</small>"));
            html.Append(m.Absent is not null
                ? $"<tr><td>{Text(m.Name)}</td><td colspan=\"7\">not run: {Text(m.Absent)}</td></tr>\n"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"<tr><td>{Text(m.Name)}{figures}</td><td>{m.Median:F3}</td><td>{m.Fastest:F3}</td><td>{m.Slowest:F3}</td><td>{Numbers.Rate(result.Rate(m))}</td><td>{Numbers.Rate(result.RatePerCore(m))}</td><td>{m.ProcessorMedian:F2}</td><td>{Numbers.Ratio(result.Ratio(m))}</td></tr>\n"));
        }

        html.Append("</table>\n");
    }

    /// <summary>What it was measured on, and what else there is to say of that.</summary>
    internal static void Facts(StringBuilder html, Machine machine, params ReadOnlySpan<(string Name, string Value)> more)
    {
        (string Name, string Value)[] facts =
        [
            ("Processor", machine.Processor),
            ("Cores", machine.Cores.ToString(CultureInfo.InvariantCulture)),
            ("Memory", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryGigabytes:F0} GB")),
            ("System", machine.OperatingSystem),
            ("Runtime", machine.Runtime),
            ("Commit", machine.Commit),
            ("Date", string.Create(CultureInfo.InvariantCulture, $"{machine.Date:yyyy-MM-dd HH:mm} UTC")),
            .. more,
        ];
        html.Append("<h2>Measured on</h2>\n<dl>\n");
        foreach ((string name, string value) in facts)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd>{Text(value)}</dd>\n");
        }

        html.Append("</dl>\n");
    }
}
