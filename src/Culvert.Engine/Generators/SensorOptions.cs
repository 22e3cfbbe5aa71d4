namespace Culvert.Engine;

/// <summary>What <see cref="SensorSourceSpec"/> makes: readings of made-up sensors, one after another, the same for the same options.</summary>
public sealed record SensorOptions
{
    /// <summary>Readings in all, from 0; default (null): no end.</summary>
    public long? Rows { get; init; }

    /// <summary>Same seed, same readings. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Sensors, 1 to 1,000,000; default 10.</summary>
    public int Sensors { get; init; } = 10;

    /// <summary>Readings per second of event time, above 0 to 100 million; default 100.</summary>
    public double RowsPerSecond { get; init; } = 100;

    /// <summary>
    /// Whether a reading comes only when its time has come; default (null): when there is no end. Otherwise readings come as
    /// fast as they are read.
    /// </summary>
    public bool? Paced { get; init; }

    /// <summary>How much earlier than its place in the sequence a reading may have been taken, from 0; default 1.5 s.</summary>
    public TimeSpan Disorder { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The time of the first reading, UTC; default (null): the clock's when the run starts if paced, else the start of 2026.</summary>
    public DateTime? Start { get; init; }

    internal bool IsPaced => Paced ?? Rows is null;

    /// <summary>Throws <see cref="ArgumentException"/> with what is wrong when an option is out of its range.</summary>
    public void Validate()
    {
        Require(Rows is null or >= 0, "there cannot be fewer than 0 rows");
        Require(Sensors is >= 1 and <= 1_000_000, "there can be 1 to 1,000,000 sensors");
        Require(RowsPerSecond is > 0 and <= 100e6, "there can be up to 100 million rows a second, and more than none");
        Require(Disorder >= TimeSpan.Zero && Disorder <= TimeSpan.FromDays(1), "the disorder is between 0 and a day");
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message);
        }
    }
}
