using System.Globalization;

namespace Culvert.Cli;

/// <summary>Numbers in few characters, for people.</summary>
internal static class Quantities
{
    internal static string Count(double value) => Scale(value, "", "k", "M", "G");

    internal static string Bytes(double value) => Scale(value, "B", "kB", "MB", "GB");

    internal static string Time(TimeSpan value) => value.TotalSeconds < 60
        ? value.TotalSeconds.ToString(value.TotalSeconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + " s"
        : value.ToString(value.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);

    private static string Scale(double value, params ReadOnlySpan<string> units)
    {
        int unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        string number = value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture);
        return units[unit].Length == 0 ? number : $"{number} {units[unit]}";
    }
}
