namespace Culvert.Engine;

/// <summary>
/// How late flights leave: most a few minutes early or on time, some by hours. Tables of quantiles, one per level of trouble,
/// so that a draw is one look-up.
/// </summary>
internal static class DelayModel
{
    /// <summary>Levels of trouble, from a quiet morning to a storm in the evening.</summary>
    public const int Levels = 8;

    private const int TableBits = 12;
    private const int Scale = 1 << 16;

    // Quantiles of the departure delay in minutes, on the quietest level: (share of flights of 65,536, minutes).
    private static readonly (int Share, int Minutes)[] s_quantiles =
    [
        (0, -24), (900, -12), (6_500, -8), (19_600, -5), (32_700, -3), (41_000, 0), (48_500, 1), (54_000, 6),
        (58_300, 15), (61_500, 37), (63_600, 75), (64_900, 150), (65_400, 260), (65_536, 900),
    ];

    private static readonly short[][] s_tables = [.. Enumerable.Range(0, Levels).Select(Table)];

    /// <summary>Minutes late at departure (negative: early) for 16 random bits.</summary>
    public static int DepartureMinutes(int level, uint bits16) => s_tables[level][bits16 >> (16 - TableBits)];

    /// <summary>How bad a day is, 0 to 4: the same for all rows of a day; winters and summers are worse.</summary>
    public static int DayTrouble(ulong seed, int month, int dayOfYear)
    {
        int draw = SplitMix64.ForBlock(~seed, dayOfYear).Below(16);
        int season = month is 1 or 2 or 6 or 7 or 12 ? 2 : 0;
        return (draw + season) switch { >= 16 => 4, >= 14 => 3, >= 11 => 2, >= 6 => 1, _ => 0 };
    }

    private static short[] Table(int level)
    {
        short[] table = new short[1 << TableBits];
        for (int i = 0; i < table.Length; i++)
        {
            // Trouble draws flights from the punctual share into the late one.
            int share = (i << (16 - TableBits)) + (1 << (15 - TableBits));
            share = Scale - ((Scale - share) * (16 - level) / 16);
            table[i] = (short)Quantile(share);
        }

        return table;
    }

    private static int Quantile(int share)
    {
        int next = 1;
        while (s_quantiles[next].Share < share)
        {
            next++;
        }

        (int fromShare, int fromMinutes) = s_quantiles[next - 1];
        (int toShare, int toMinutes) = s_quantiles[next];
        return fromMinutes + ((toMinutes - fromMinutes) * (share - fromShare) / (toShare - fromShare));
    }
}
