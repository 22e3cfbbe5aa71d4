using System.Globalization;
using System.Text;

namespace Culvert.Benchmarks.Reports;

/// <summary>Bars from the left as SVG, each with a note at its end.</summary>
public static class ValueBars
{
    private const int Width = 900, Left = 250, Right = 150, RowHeight = 28, BarHeight = 18, Bottom = 44;

    /// <summary>The plot; nothing without bars.</summary>
    /// <param name="title">What it shows, for those who hear it.</param>
    /// <param name="axis">What the lengths are. A logarithmic one begins at a power of ten below the shortest bar.</param>
    /// <param name="bars">From above.</param>
    public static string Render(string title, PlotAxis axis, IReadOnlyList<ValueBar> bars)
    {
        if (bars.Count == 0)
        {
            return "";
        }

        (double low, double high, IReadOnlyList<(double Value, string Text)> ticks) = axis.Fit(bars.Min(b => b.Value) / 2, bars.Max(b => b.Value));
        double X(double value) => Left + ((Width - Left - Right) * (axis.IsLogarithmic ? Math.Log(value / low) / Math.Log(high / low) : value / high));
        int height = bars.Count * RowHeight;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height + Bottom}\" role=\"img\" aria-label=\"{HtmlReport.Text(title)}\">\n");
        foreach ((double value, string text) in ticks)
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<path d=\"M{X(value):F1} 0V{height}\" stroke=\"var(--line)\"/><text class=\"soft\" x=\"{X(value):F1}\" y=\"{height + 16}\" text-anchor=\"middle\">{HtmlReport.Text(text)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture,
            $"<text class=\"soft\" x=\"{Left + ((Width - Left - Right) / 2)}\" y=\"{height + 36}\" text-anchor=\"middle\">{HtmlReport.Text(axis.Label)}</text>\n");
        foreach ((int i, ValueBar bar) in bars.Index())
        {
            int middle = (i * RowHeight) + (RowHeight / 2);
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 10}\" y=\"{middle + 5}\" text-anchor=\"end\">{HtmlReport.Text(bar.Name)}</text>" +
                $"<rect x=\"{Left}\" y=\"{middle - (BarHeight / 2)}\" width=\"{X(bar.Value) - Left:F1}\" height=\"{BarHeight}\" rx=\"2\" fill=\"var(--{bar.Color})\"/>" +
                $"<text x=\"{X(bar.Value) + 8:F1}\" y=\"{middle + 5}\">{HtmlReport.Text(bar.Note)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
