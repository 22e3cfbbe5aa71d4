using System.Globalization;
using System.Text;

namespace Culvert.Benchmarks.Reports;

/// <summary>Bars of throughput as SVG, a whisker on each from its slowest to its fastest run. Longer is better.</summary>
internal static class BarPlot
{
    private const int Width = 900, Left = 220, Right = 150, RowHeight = 34, BarHeight = 20, Bottom = 34;

    /// <summary>The plot, or nothing when nobody ran.</summary>
    public static string Render(ScenarioResult result)
    {
        Measurement[] bars = [.. result.Measurements.Where(m => m.Absent is null)];
        if (bars.Length == 0)
        {
            return "";
        }

        double step = PlotAxis.Step(bars.Max(bar => result.Work * bar.Share / bar.Fastest));
        double top = Math.Ceiling(bars.Max(bar => result.Work * bar.Share / bar.Fastest) / step) * step;
        double X(double rate) => Left + (rate / top * (Width - Left - Right));
        int plotHeight = bars.Length * RowHeight;

        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {plotHeight + Bottom}\" role=\"img\" aria-label=\"{HtmlReport.Text(result.Name)}: {HtmlReport.Text(result.Unit)} per second\">\n");
        for (double tick = 0; tick <= top + (step / 2); tick += step)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<line x1=\"{X(tick):F1}\" x2=\"{X(tick):F1}\" y1=\"0\" y2=\"{plotHeight}\" stroke=\"var(--line)\"/><text class=\"soft\" x=\"{X(tick):F1}\" y=\"{plotHeight + 18}\" text-anchor=\"middle\">{tick:N0}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"soft\" x=\"{Width - Right + 40}\" y=\"{plotHeight + 18}\">{HtmlReport.Text(result.Unit)}/s</text>\n");
        for (int i = 0; i < bars.Length; i++)
        {
            Bar(svg, result, bars[i], (i * RowHeight) + (RowHeight / 2), X);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Bar(StringBuilder svg, ScenarioResult result, Measurement bar, int middle, Func<double, double> x)
    {
        double rate = result.Work * bar.Share / bar.Median;
        double slow = x(result.Work * bar.Share / bar.Slowest), fast = x(result.Work * bar.Share / bar.Fastest);
        string color = bar.Role switch { ContenderRole.Culvert => "culvert", ContenderRole.Limit => "limit", _ => "peer" };
        string label = string.Create(CultureInfo.InvariantCulture, $"{Numbers.Rate(rate)}  ({Numbers.Ratio(result.Ratio(bar))})");
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Left - 10}\" y=\"{middle + 5}\" text-anchor=\"end\">{HtmlReport.Text(bar.Name)}</text>" +
            $"<rect x=\"{Left}\" y=\"{middle - (BarHeight / 2)}\" width=\"{x(rate) - Left:F1}\" height=\"{BarHeight}\" rx=\"2\" fill=\"var(--{color})\"/>" +
            $"<path d=\"M{slow:F1} {middle}H{fast:F1}M{slow:F1} {middle - 4}v8M{fast:F1} {middle - 4}v8\" stroke=\"var(--ink)\" fill=\"none\"/>" +
            $"<text x=\"{Math.Max(fast, x(rate)) + 8:F1}\" y=\"{middle + 5}\">{label}</text>\n");
    }
}
