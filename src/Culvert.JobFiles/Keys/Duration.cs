using System.Buffers;
using System.Globalization;

namespace Culvert.JobFiles.Keys;

/// <summary>Spans of time as people write them: a number and its unit.</summary>
public static class Duration
{
    /// <summary>What they look like.</summary>
    internal const string Pattern = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads <c>500ms</c>, <c>1.5s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>; false for anything else.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        int unit = text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        long ticks = unit < 0 ? 0 : text[unit..] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (ticks == 0
            || !decimal.TryParse(text[..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
            || count > TimeSpan.MaxValue.Ticks / ticks)
        {
            return false;
        }

        span = TimeSpan.FromTicks((long)(count * ticks));
        return true;
    }
}
