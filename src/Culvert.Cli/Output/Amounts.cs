using System.Globalization;

namespace Culvert.Cli.Output;

/// <summary>Amounts in few characters, for people.</summary>
internal static class Amounts
{
    private static readonly string[] s_thousands = ["", "k", "M", "G", "T"];

    /// <summary>Three digits and a unit: <c>12.3M</c>.</summary>
    internal static string Short(double value)
    {
        int unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < s_thousands.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        string format = Math.Abs(value) >= 99.95 || (unit == 0 && value == Math.Floor(value)) ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + s_thousands[unit];
    }

    /// <summary><c>0.12 s</c>, <c>5.3 s</c>, <c>2:05</c>, <c>1:02:05</c>.</summary>
    internal static string Seconds(TimeSpan span) =>
        span.TotalSeconds < 10 ? span.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s"
        : span.TotalSeconds < 59.95 ? span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : Clock(span);

    /// <summary><c>0:07</c>, <c>2:05</c>, <c>1:02:05</c>.</summary>
    internal static string Clock(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes}:{span.Seconds:00}");
}
