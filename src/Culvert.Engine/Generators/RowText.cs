using System.Globalization;
using System.Text;

namespace Culvert.Engine;

/// <summary>Numbers and times as the data writes them, rendered once: a look-up and an 8-byte store take the place of division.</summary>
internal static class RowText
{
    /// <summary>The least and greatest number that is rendered.</summary>
    public const int NumberMin = -2048;

    /// <inheritdoc cref="NumberMin"/>
    public const int NumberMax = 8191;

    private const int MinutesPerDay = 24 * 60;

    // Up to seven bytes, the length in the highest.
    private static readonly ulong[] s_numbers =
        [.. Enumerable.Range(NumberMin, NumberMax - NumberMin + 1).Select(n => Pack(n.ToString(CultureInfo.InvariantCulture)))];

    private static readonly ulong[] s_times = [.. Enumerable.Range(0, MinutesPerDay).Select(minute => Pack(Hhmm(minute)))];

    /// <summary>A number and its comma.</summary>
    public static ulong Number(int value) => s_numbers[value - NumberMin];

    /// <summary>A time of day and its comma; <paramref name="minute"/> after midnight may lie in the day before or after.</summary>
    public static ulong Time(int minute)
    {
        while (minute < 0)
        {
            minute += MinutesPerDay;
        }

        while (minute >= MinutesPerDay)
        {
            minute -= MinutesPerDay;
        }

        return s_times[minute];
    }

    /// <summary>Hours and minutes in one number without leading zeros; midnight is 2400.</summary>
    public static string Hhmm(int minute) =>
        (minute == 0 ? 2400 : (minute / 60 * 100) + (minute % 60)).ToString(CultureInfo.InvariantCulture);

    private static ulong Pack(string text)
    {
        Span<byte> bytes = stackalloc byte[8];
        int length = Encoding.ASCII.GetBytes(text, bytes);
        bytes[length++] = (byte)',';
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes) | ((ulong)length << 56);
    }
}
