using System.Globalization;

namespace Culvert.Benchmarks.Reports;

/// <summary>Numbers as reports show them.</summary>
internal static class Numbers
{
    /// <summary>A ratio with two decimals, or a dash where one side was not measured.</summary>
    public static string Ratio(double ratio) =>
        double.IsNaN(ratio) ? "–" : ratio.ToString("F2", CultureInfo.InvariantCulture) + "×";
}
