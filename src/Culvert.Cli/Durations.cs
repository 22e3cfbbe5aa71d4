using System.Globalization;

namespace Culvert.Cli;

/// <summary>Times as people write them: 500ms, 10s, 5m, 1h.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    internal static TimeSpan? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        foreach ((string unit, double milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * milliseconds is >= 1 and <= 86_400_000)
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        throw new UsageException($"'{text}' is no time from 1ms to 24h: write 500ms, 10s, 5m or 1h");
    }
}
