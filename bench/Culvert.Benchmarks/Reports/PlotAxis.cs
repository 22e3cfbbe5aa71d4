using System.Globalization;

namespace Culvert.Benchmarks.Reports;

/// <summary>An axis of a plot.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="IsLogarithmic">Equal steps for equal factors. Default false; then it begins at 0.</param>
public sealed record PlotAxis(string Label, bool IsLogarithmic = false)
{
    private const int TicksMax = 6;

    /// <summary>Where the ticks are and what stands there; null for round numbers.</summary>
    public IReadOnlyList<(double Value, string Text)>? Ticks { get; init; }

    /// <summary>The axis' ends and ticks for values from one to another.</summary>
    internal (double Low, double High, IReadOnlyList<(double Value, string Text)> Ticks) Fit(double least, double most)
    {
        if (Ticks is { Count: > 0 } given)
        {
            double low = Math.Min(given[0].Value, least), high = Math.Max(given[^1].Value, most);
            return (IsLogarithmic ? low : Math.Min(0, low), high, given);
        }

        return IsLogarithmic ? FitDecades(least, most) : FitSteps(most);
    }

    /// <summary>1, 2 or 5 times a power of ten, so that there are at most <see cref="TicksMax"/> steps.</summary>
    internal static double Step(double largest)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(largest / TicksMax)));
        return largest / power <= TicksMax ? power
            : largest / (2 * power) <= TicksMax ? 2 * power
            : largest / (5 * power) <= TicksMax ? 5 * power
            : 10 * power;
    }

    private static (double, double, IReadOnlyList<(double, string)>) FitSteps(double most)
    {
        double step = Step(most > 0 ? most : 1);
        int count = Math.Max(1, (int)Math.Ceiling((most / step) - 1e-9));
        return (0, count * step, [.. Enumerable.Range(0, count + 1).Select(i => (i * step, Text(i * step)))]);
    }

    private static (double, double, IReadOnlyList<(double, string)>) FitDecades(double least, double most)
    {
        double low = Math.Pow(10, Math.Floor(Math.Log10(least))), high = Math.Pow(10, Math.Ceiling(Math.Log10(most)));
        high = high > low ? high : low * 10;
        int decades = (int)Math.Round(Math.Log10(high / low));
        return (low, high, [.. Enumerable.Range(0, decades + 1).Select(i => (low * Math.Pow(10, i), Text(low * Math.Pow(10, i))))]);
    }

    private static string Text(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
