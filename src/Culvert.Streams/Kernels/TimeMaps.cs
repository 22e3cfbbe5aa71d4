namespace Culvert.Streams.Kernels;

internal readonly struct YearOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Year;
}

internal readonly struct MonthOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Month;
}

internal readonly struct DayOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Day;
}

internal readonly struct HourOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Hour;
}

internal readonly struct MinuteOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Minute;
}

internal readonly struct SecondOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Second;
}

internal readonly struct MillisecondOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.Millisecond;
}

internal readonly struct DayOfWeekOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => (int)value.DayOfWeek;
}

internal readonly struct DayOfYearOf : IMap<DateTime, int>
{
    public static int Apply(DateTime value) => value.DayOfYear;
}

internal readonly struct YearOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Year;
}

internal readonly struct MonthOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Month;
}

internal readonly struct DayOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Day;
}

internal readonly struct HourOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Hour;
}

internal readonly struct MinuteOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Minute;
}

internal readonly struct SecondOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Second;
}

internal readonly struct MillisecondOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.Millisecond;
}

internal readonly struct DayOfWeekOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => (int)value.DayOfWeek;
}

internal readonly struct DayOfYearOfOffset : IMap<DateTimeOffset, int>
{
    public static int Apply(DateTimeOffset value) => value.DayOfYear;
}

internal readonly struct DateOf : IMap<DateTime, DateTime>
{
    public static DateTime Apply(DateTime value) => value.Date;
}

internal readonly struct TimeOfDayOf : IMap<DateTime, TimeSpan>
{
    public static TimeSpan Apply(DateTime value) => value.TimeOfDay;
}

internal readonly struct TicksOf : IMap<DateTime, long>
{
    public static long Apply(DateTime value) => value.Ticks;
}

internal readonly struct TicksOfOffset : IMap<DateTimeOffset, long>
{
    public static long Apply(DateTimeOffset value) => value.UtcTicks;
}

internal readonly struct TicksOfSpan : IMap<TimeSpan, long>
{
    public static long Apply(TimeSpan value) => value.Ticks;
}

internal readonly struct MomentOfSeconds : IMap<long, DateTime>
{
    public static DateTime Apply(long value) => DateTimeOffset.FromUnixTimeSeconds(value).UtcDateTime;
}

internal readonly struct MomentOfMilliseconds : IMap<long, DateTime>
{
    public static DateTime Apply(long value) => DateTimeOffset.FromUnixTimeMilliseconds(value).UtcDateTime;
}

internal readonly struct UnixSecondsOf : IMap<DateTime, long>
{
    public static long Apply(DateTime value) => (value.Ticks / TimeSpan.TicksPerSecond) - (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond);
}

internal readonly struct UnixMillisecondsOf : IMap<DateTime, long>
{
    public static long Apply(DateTime value) => (value.Ticks / TimeSpan.TicksPerMillisecond) - (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond);
}

internal readonly struct UnixSecondsOfOffset : IMap<DateTimeOffset, long>
{
    public static long Apply(DateTimeOffset value) => value.ToUnixTimeSeconds();
}

internal readonly struct UnixMillisecondsOfOffset : IMap<DateTimeOffset, long>
{
    public static long Apply(DateTimeOffset value) => value.ToUnixTimeMilliseconds();
}

internal readonly struct MomentPlus : IMap<DateTime, TimeSpan, DateTime>
{
    public static DateTime Apply(DateTime left, TimeSpan right) => left + right;
}

internal readonly struct MomentMinus : IMap<DateTime, TimeSpan, DateTime>
{
    public static DateTime Apply(DateTime left, TimeSpan right) => left - right;
}

internal readonly struct MomentsApart : IMap<DateTime, DateTime, TimeSpan>
{
    public static TimeSpan Apply(DateTime left, DateTime right) => left - right;
}

internal readonly struct OffsetPlus : IMap<DateTimeOffset, TimeSpan, DateTimeOffset>
{
    public static DateTimeOffset Apply(DateTimeOffset left, TimeSpan right) => left + right;
}

internal readonly struct OffsetMinus : IMap<DateTimeOffset, TimeSpan, DateTimeOffset>
{
    public static DateTimeOffset Apply(DateTimeOffset left, TimeSpan right) => left - right;
}

internal readonly struct OffsetsApart : IMap<DateTimeOffset, DateTimeOffset, TimeSpan>
{
    public static TimeSpan Apply(DateTimeOffset left, DateTimeOffset right) => left - right;
}

internal readonly struct SpanPlus : IMap<TimeSpan, TimeSpan, TimeSpan>
{
    public static TimeSpan Apply(TimeSpan left, TimeSpan right) => left + right;
}

internal readonly struct SpanMinus : IMap<TimeSpan, TimeSpan, TimeSpan>
{
    public static TimeSpan Apply(TimeSpan left, TimeSpan right) => left - right;
}

internal readonly struct SpanNegative : IMap<TimeSpan, TimeSpan>
{
    public static TimeSpan Apply(TimeSpan value) => -value;
}

internal readonly struct TruncateMoment : IMap<DateTime, TimeSpan, DateTime>
{
    public static DateTime Apply(DateTime left, TimeSpan right) => right > TimeSpan.Zero
        ? new DateTime(left.Ticks - (left.Ticks % right.Ticks), left.Kind)
        : throw new ArgumentException("a moment is cut to a positive duration only");
}

internal readonly struct TotalDaysOf : IMap<TimeSpan, double>
{
    public static double Apply(TimeSpan value) => value.TotalDays;
}

internal readonly struct TotalHoursOf : IMap<TimeSpan, double>
{
    public static double Apply(TimeSpan value) => value.TotalHours;
}

internal readonly struct TotalMinutesOf : IMap<TimeSpan, double>
{
    public static double Apply(TimeSpan value) => value.TotalMinutes;
}

internal readonly struct TotalSecondsOf : IMap<TimeSpan, double>
{
    public static double Apply(TimeSpan value) => value.TotalSeconds;
}

internal readonly struct TotalMillisecondsOf : IMap<TimeSpan, double>
{
    public static double Apply(TimeSpan value) => value.TotalMilliseconds;
}
