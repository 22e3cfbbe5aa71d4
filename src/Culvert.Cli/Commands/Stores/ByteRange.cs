using System.Globalization;

namespace Culvert.Cli.Commands.Stores;

/// <summary>A part of a unit, as HTTP writes it (RFC 9110, 14.1.2).</summary>
/// <param name="First">The first byte's place from 0; null: so many from the end.</param>
/// <param name="Last">The last byte's place; null: to the end. Without a first: how many.</param>
internal sealed record ByteRange(long? First, long? Last)
{
    /// <summary>Reads <c>A-B</c>, <c>A-</c> or <c>-N</c>; null for anything else.</summary>
    internal static ByteRange? TryParse(string text)
    {
        string[] ends = text.Split('-');
        if (ends.Length != 2 || text == "-")
        {
            return null;
        }

        long? first = Place(ends[0]);
        long? last = Place(ends[1]);
        bool isSound = (ends[0].Length == 0 || first is not null) && (ends[1].Length == 0 || last is not null) && !(first > last);
        return isSound ? new ByteRange(first, last) : null;
    }

    /// <summary>Where it begins and ends (the byte behind the last) in so many bytes; empty where it lies behind them.</summary>
    internal (long From, long To) Within(long bytes) => First is { } first
        ? (Math.Min(first, bytes), Math.Min(bytes, Last is { } last and < long.MaxValue ? last + 1 : long.MaxValue))
        : (Math.Max(0, bytes - Last!.Value), bytes);

    private static long? Place(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long place) ? place : null;
}
