namespace Culvert.Streams.Expressions;

/// <summary>
/// The functions that expressions may call: a closed set. All but <see cref="IsNull"/> and <see cref="HasValue"/> are
/// null when an argument is. The numbers are part of the canonical form and never change; docs/expressions.md describes
/// each.
/// </summary>
public enum Function : byte
{
    IsNull = 1,
    HasValue = 2,

    Abs = 10,
    Min = 11,
    Max = 12,
    Floor = 13,
    Ceiling = 14,

    /// <summary>To the nearest, halves to even; the second argument is the number of digits kept (int32).</summary>
    Round = 15,
    Truncate = 16,
    Sqrt = 17,
    Sign = 18,
    Pow = 19,
    Exp = 20,
    Log = 21,
    Log10 = 22,
    IsNaN = 23,

    /// <summary>UTF-16 code units, as .NET's string.Length; bytes that are not UTF-8 count as U+FFFD.</summary>
    Length = 30,
    Lower = 31,
    Upper = 32,
    Trim = 33,
    StartsWith = 34,
    EndsWith = 35,
    Contains = 36,

    /// <summary>From a start, in UTF-16 code units, to the end or for a length; fails the row when out of range.</summary>
    Substring = 37,
    Concat = 38,

    /// <summary>A whole number in decimal digits.</summary>
    ToText = 39,

    Year = 50,
    Month = 51,
    Day = 52,
    Hour = 53,
    Minute = 54,
    Second = 55,
    Millisecond = 56,

    /// <summary>0 is Sunday.</summary>
    DayOfWeek = 57,
    DayOfYear = 58,
    Date = 59,
    TimeOfDay = 60,

    /// <summary>Units of 100 ns: since 0001-01-01 of a moment, or of a duration.</summary>
    Ticks = 61,

    /// <summary>Whole seconds since 1970 to a UTC moment.</summary>
    FromUnixSeconds = 65,
    FromUnixMilliseconds = 66,
    ToUnixSeconds = 67,
    ToUnixMilliseconds = 68,

    /// <summary>A moment cut down to a multiple of a positive duration since 0001-01-01.</summary>
    TruncateTo = 69,

    TotalDays = 75,
    TotalHours = 76,
    TotalMinutes = 77,
    TotalSeconds = 78,
    TotalMilliseconds = 79,

    /// <summary>Text to int64, null when it is none.</summary>
    ParseInteger = 80,

    /// <summary>Text to float64, null when it is none.</summary>
    ParseNumber = 81,

    /// <summary>ISO 8601 text to a moment (UTC when it names an offset), null when it is none.</summary>
    ParseDateTime = 82,
}
