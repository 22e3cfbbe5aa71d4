using System.Diagnostics;

namespace Culvert.Enclaves;

/// <summary>
/// A moment by which a wait ends. The one place of this room that looks at a clock: how long somebody waits for a side that
/// may never answer decides no result.
/// </summary>
internal readonly struct Deadline
{
    private readonly long _end;

    private Deadline(long end) => _end = end;

    internal static Deadline Never => new(long.MaxValue);

    /// <summary>True once it has passed; never for an endless wait.</summary>
    internal bool HasPassed => _end != long.MaxValue && Stopwatch.GetTimestamp() >= _end;

    /// <summary>What is left of it: zero when it has passed, <see cref="Timeout.InfiniteTimeSpan"/> when it never does.</summary>
    internal TimeSpan Left
    {
        get
        {
            if (_end == long.MaxValue)
            {
                return Timeout.InfiniteTimeSpan;
            }

            long ticks = _end - Stopwatch.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(0, ticks) + TimeSpan.FromTicks(1);
        }
    }

    /// <summary>As long from now as <paramref name="timeout"/>, which may be <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    internal static Deadline After(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return Never;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        double ticks = timeout.TotalSeconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        return new Deadline(ticks >= long.MaxValue / 2 ? long.MaxValue : now + (long)ticks);
    }

    /// <summary>The earlier of two.</summary>
    internal static Deadline Earlier(Deadline first, Deadline second) => first._end <= second._end ? first : second;
}
