using System.Globalization;

namespace Culvert.Stages;

/// <summary>
/// How far event time has come: nothing older than this is expected any more. In ticks of 100 ns since 0001-01-01 UTC.
/// <see cref="Idle"/> is what a producer says that has no opinion; <see cref="End"/> comes after every time.
/// </summary>
public readonly record struct Watermark(long Ticks) : IComparable<Watermark>
{
    /// <summary>No event time has been seen: everything may still come.</summary>
    public static Watermark None => new(long.MinValue);

    /// <summary>The producer has nothing to say; the others' watermarks count.</summary>
    public static Watermark Idle => new(long.MaxValue - 1);

    /// <summary>The input has ended: nothing comes any more.</summary>
    public static Watermark End => new(long.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(Watermark other) => Ticks.CompareTo(other.Ticks);

    public static bool operator <(Watermark left, Watermark right) => left.Ticks < right.Ticks;

    public static bool operator >(Watermark left, Watermark right) => left.Ticks > right.Ticks;

    public static bool operator <=(Watermark left, Watermark right) => left.Ticks <= right.Ticks;

    public static bool operator >=(Watermark left, Watermark right) => left.Ticks >= right.Ticks;

    /// <summary>The lesser of two; an idle one does not count.</summary>
    public static Watermark Min(Watermark left, Watermark right) => left.Ticks <= right.Ticks ? left : right;

    /// <inheritdoc/>
    public override string ToString() =>
        this == None ? "none"
        : this == Idle ? "idle"
        : this == End ? "end"
        : new DateTime(Ticks, DateTimeKind.Utc).ToString("O", CultureInfo.InvariantCulture);
}
