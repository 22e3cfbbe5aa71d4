using System.Globalization;
using System.Text;

namespace Culvert.Streams;

/// <summary><c>true</c>, <c>false</c> in any case, 1 and 0.</summary>
internal readonly struct BoolParser : IFieldParser<bool>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out bool value)
    {
        value = field.Length == 1 ? field[0] == (byte)'1' : Ascii.EqualsIgnoreCase(field, "true"u8);
        return value || field.SequenceEqual("0"u8) || Ascii.EqualsIgnoreCase(field, "false"u8);
    }
}

/// <summary>As <see cref="double.Parse(string, IFormatProvider)"/> with the invariant culture, without thousands separators.</summary>
internal readonly struct Float64Parser : IFieldParser<double>
{
    /// <summary>Digits of which every number fits the 53 bits of a double's significand.</summary>
    private const int ExactDigitsMax = 15;

    private static readonly double[] PowersOfTen =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    public static bool TryParse(ReadOnlySpan<byte> field, out double value) =>
        TryParseExact(field, out value) || double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>
    /// Few digits with or without a point: digits and power of ten are both exact doubles, so that one division rounds
    /// correctly (Clinger, "How to read floating point numbers accurately", 1990).
    /// </summary>
    private static bool TryParseExact(ReadOnlySpan<byte> field, out double value)
    {
        value = 0;
        int i = 0;
        bool negative = field.Length > 0 && field[0] == (byte)'-';
        if (negative)
        {
            i++;
        }

        if (field.Length - i is < 1 or > ExactDigitsMax)
        {
            return false;
        }

        long digits = 0;
        int point = -1;
        for (; i < field.Length; i++)
        {
            uint digit = (uint)field[i] - '0';
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
            }
            else if (field[i] == (byte)'.' && point < 0 && i + 1 < field.Length)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        double magnitude = point < 0 ? digits : digits / PowersOfTen[field.Length - 1 - point];
        value = negative ? -magnitude : magnitude;
        return true;
    }
}

/// <summary>As <see cref="float.Parse(string, IFormatProvider)"/> with the invariant culture, without thousands separators.</summary>
internal readonly struct Float32Parser : IFieldParser<float>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out float value) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}

/// <summary>As <see cref="decimal.Parse(string, IFormatProvider)"/> with the invariant culture, an exponent allowed, without thousands separators.</summary>
internal readonly struct DecimalParser : IFieldParser<decimal>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out decimal value) =>
        decimal.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}

/// <summary>
/// As <see cref="System.DateTime.Parse(string, IFormatProvider)"/> with the invariant culture, except that a time with an offset or Z becomes UTC:
/// the result does not depend on the machine's time zone.
/// </summary>
internal readonly struct DateTimeParser : IFieldParser<DateTime>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out DateTime value)
    {
        if (IsoMoment.TryParse(field, out value))
        {
            return true;
        }

        Span<char> text = stackalloc char[FieldText.CharsMax];
        return FieldText.TryDecode(field, ref text)
            && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out value);
    }
}

/// <summary>As <see cref="System.DateTimeOffset.Parse(string, IFormatProvider)"/> with the invariant culture; a time without an offset is UTC.</summary>
internal readonly struct DateTimeOffsetParser : IFieldParser<DateTimeOffset>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out DateTimeOffset value)
    {
        if (IsoMoment.TryParse(field, out DateTime moment))
        {
            value = new DateTimeOffset(moment.Ticks, TimeSpan.Zero);
            return true;
        }

        value = default;
        Span<char> text = stackalloc char[FieldText.CharsMax];
        return FieldText.TryDecode(field, ref text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);
    }
}

/// <summary>As <see cref="System.TimeSpan.Parse(string, IFormatProvider)"/> with the invariant culture.</summary>
internal readonly struct TimeSpanParser : IFieldParser<TimeSpan>
{
    public static bool TryParse(ReadOnlySpan<byte> field, out TimeSpan value)
    {
        value = default;
        Span<char> text = stackalloc char[FieldText.CharsMax];
        return FieldText.TryDecode(field, ref text) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>Dates and times as characters, for the parsers of .NET that do not read bytes.</summary>
internal static class FieldText
{
    /// <summary>Longer than any date or time that .NET writes or reads.</summary>
    public const int CharsMax = 64;

    public static bool TryDecode(ReadOnlySpan<byte> field, ref Span<char> text)
    {
        if (field.Length > CharsMax || !Ascii.IsValid(field))
        {
            return false;
        }

        int written = Encoding.Latin1.GetChars(field, text);
        text = text[..written];
        return true;
    }
}

/// <summary><c>yyyy-MM-dd</c>, alone or with <c>T</c> or a space and <c>HH:mm:ss</c> and, if so, <c>Z</c>: what most files hold.</summary>
internal static class IsoMoment
{
    public static bool TryParse(ReadOnlySpan<byte> field, out DateTime value)
    {
        value = default;
        if (field.Length is not (10 or 19 or 20) || field[4] != '-' || field[7] != '-')
        {
            return false;
        }

        int year = (Two(field, 0) * 100) + Two(field, 2);
        (int month, int day) = (Two(field, 5), Two(field, 8));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        if (field.Length == 10)
        {
            value = new DateTime(year, month, day);
            return true;
        }

        (int hour, int minute, int second) = (Two(field, 11), Two(field, 14), Two(field, 17));
        if (field[10] is not ((byte)'T' or (byte)' ') || field[13] != ':' || field[16] != ':' || (field.Length == 20 && field[19] != 'Z')
            || (uint)hour > 23 || (uint)minute > 59 || (uint)second > 59)
        {
            return false;
        }

        value = new DateTime(year, month, day, hour, minute, second, field.Length == 20 ? DateTimeKind.Utc : DateTimeKind.Unspecified);
        return true;
    }

    /// <summary>Two digits as a number, or a negative number.</summary>
    private static int Two(ReadOnlySpan<byte> field, int at)
    {
        uint tens = (uint)field[at] - '0';
        uint ones = (uint)field[at + 1] - '0';
        return tens > 9 || ones > 9 ? -100_000 : (int)((tens * 10) + ones);
    }
}
