using System.Globalization;

namespace Culvert.Benchmarks.Reports;

/// <summary>Numbers as reports show them.</summary>
internal static class Numbers
{
    /// <summary>A rate, with decimals where it would say little without; a dash where nothing was measured.</summary>
    public static string Rate(double rate) =>
        !double.IsFinite(rate) ? "–" : rate.ToString(rate < 100 ? "N2" : "N0", CultureInfo.InvariantCulture);

    /// <summary>A ratio with two decimals, or a dash where one side was not measured.</summary>
    public static string Ratio(double ratio) =>
        double.IsNaN(ratio) ? "–" : ratio.ToString("F2", CultureInfo.InvariantCulture) + "×";
}
