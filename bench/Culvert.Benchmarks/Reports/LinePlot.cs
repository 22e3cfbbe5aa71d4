using System.Globalization;
using System.Text;

namespace Culvert.Benchmarks.Reports;

/// <summary>Lines over a common axis as SVG, with a legend above.</summary>
public static class LinePlot
{
    private const int Left = 66, Right = 18, Top = 34, Bottom = 48, LegendLeft = 24, LegendMark = 18, LetterWidth = 7;

    /// <summary>The plot; nothing when no series has a point.</summary>
    /// <param name="title">What it shows, for those who hear it.</param>
    /// <param name="x">The axis below.</param>
    /// <param name="y">The axis at the left.</param>
    /// <param name="series">The lines.</param>
    /// <param name="width">Of the plot, in its own units.</param>
    /// <param name="height">Of the plot.</param>
    public static string Render(string title, PlotAxis x, PlotAxis y, IReadOnlyList<PlotSeries> series, int width = 900, int height = 320)
    {
        PlotPoint[] all = [.. series.SelectMany(s => s.Points)];
        if (all.Length == 0)
        {
            return "";
        }

        Scale across = new(x, all.Min(p => p.X), all.Max(p => p.X), Left, width - Right);
        Scale up = new(y, all.Min(p => p.Y - p.Deviation), all.Max(p => p.Y + p.Deviation), height - Bottom, Top);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{HtmlReport.Text(title)}\">\n");
        Grid(svg, across, up, width, height);
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" x=\"{(Left + width - Right) / 2}\" y=\"{height - 8}\" text-anchor=\"middle\">{HtmlReport.Text(x.Label)}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text class=\"soft\" transform=\"translate(14 {(Top + height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{HtmlReport.Text(y.Label)}</text>\n");
        int legend = LegendLeft;
        foreach (PlotSeries line in series.Where(s => s.Points.Count > 0))
        {
            Line(svg, line, across, up);
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{legend} 14h{LegendMark}\" {Stroke(line)}/><text x=\"{legend + LegendMark + 6}\" y=\"18\">{HtmlReport.Text(line.Name)}</text>\n");
            legend += LegendMark + 26 + (line.Name.Length * LetterWidth);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Grid(StringBuilder svg, Scale across, Scale up, int width, int height)
    {
        foreach ((double value, string text) in up.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{Left} {up.At(value):F1}H{width - Right}\" stroke=\"var(--line)\"/><text class=\"soft\" x=\"{Left - 8}\" y=\"{up.At(value) + 4:F1}\" text-anchor=\"end\">{HtmlReport.Text(text)}</text>\n");
        }

        foreach ((double value, string text) in across.Ticks)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{across.At(value):F1} {height - Bottom}v5\" stroke=\"var(--soft)\"/><text class=\"soft\" x=\"{across.At(value):F1}\" y=\"{height - Bottom + 20}\" text-anchor=\"middle\">{HtmlReport.Text(text)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {height - Bottom}H{width - Right}\" stroke=\"var(--soft)\"/>\n");
    }

    private static void Line(StringBuilder svg, PlotSeries line, Scale across, Scale up)
    {
        string path = string.Join('L', line.Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{across.At(p.X):F1} {up.At(p.Y):F1}")));
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{path}\" {Stroke(line)}/>\n");
        foreach (PlotPoint p in line.HasMarks ? line.Points : [])
        {
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{across.At(p.X):F1}\" cy=\"{up.At(p.Y):F1}\" r=\"3.2\" fill=\"var(--{line.Color})\"/>");
            if (p.Deviation > 0)
            {
                svg.Append(CultureInfo.InvariantCulture,
                    $"<path d=\"M{across.At(p.X) - 4:F1} {up.At(p.Y - p.Deviation):F1}h8m-4 0V{up.At(p.Y + p.Deviation):F1}m-4 0h8\" stroke=\"var(--{line.Color})\" fill=\"none\"/>");
            }

            svg.Append('\n');
        }
    }

    private static string Stroke(PlotSeries line) =>
        $"stroke=\"var(--{line.Color})\" stroke-width=\"2\" fill=\"none\" stroke-linejoin=\"round\"{(line.IsDashed ? " stroke-dasharray=\"5 4\"" : "")}";

    /// <summary>Values to places.</summary>
    private sealed class Scale
    {
        private readonly bool _isLogarithmic;
        private readonly double _low, _high, _from, _to;

        internal Scale(PlotAxis axis, double least, double most, double from, double to)
        {
            (_low, _high, Ticks) = axis.Fit(least, most);
            (_isLogarithmic, _from, _to) = (axis.IsLogarithmic, from, to);
        }

        internal IReadOnlyList<(double Value, string Text)> Ticks { get; }

        internal double At(double value)
        {
            double bounded = Math.Clamp(value, Math.Min(_low, _high), _high);
            double part = _isLogarithmic ? Math.Log(bounded / _low) / Math.Log(_high / _low) : (bounded - _low) / (_high - _low);
            return _from + (part * (_to - _from));
        }
    }
}
