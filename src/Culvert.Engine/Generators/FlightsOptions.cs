namespace Culvert.Engine;

/// <summary>What <see cref="FlightsGenerator"/> makes.</summary>
public sealed record FlightsOptions
{
    /// <summary>Data rows; from 0. A row takes about 98 bytes. The rows are spread evenly over the year.</summary>
    public long Rows { get; init; }

    /// <summary>Same seed, year and rows, same bytes. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The year of the flights, 1 to 9999. Default 2008.</summary>
    public int Year { get; init; } = 2008;

    /// <summary>Whether the first line names the columns. Default true; some years were published without.</summary>
    public bool Header { get; init; } = true;

    /// <summary>How many threads make rows, from 1; the bytes do not depend on it. Default: one per processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
