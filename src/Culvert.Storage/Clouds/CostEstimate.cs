namespace Culvert.Storage;

/// <summary>What storing and reading costs at one cloud, in the currency of its prices.</summary>
/// <param name="Put">Calls of putting, once.</param>
/// <param name="StoredMonth">Keeping it for a month.</param>
/// <param name="Get">Reading, when this cloud is one of those that are read from: calls and egress, once.</param>
public sealed record CloudCost(decimal Put, decimal StoredMonth, decimal Get);

/// <summary>
/// What storing and reading costs over all clouds: values in chunks of 4 MiB, coded k = f + 1 of n (docs/specs/unit.md, Bounds). Small
/// units cost more: each put of one is some ten calls at every cloud.
/// </summary>
/// <param name="clouds">The clouds.</param>
/// <param name="faults">f.</param>
public sealed class CostEstimate(IReadOnlyList<CloudSettings> clouds, int faults)
{
    private const decimal Gigabyte = 1_000_000_000m;

    /// <summary>How many clouds a read needs.</summary>
    public int ReadFrom => faults + 1;

    /// <summary>What each cloud costs; null for those without prices.</summary>
    /// <param name="putGb">10^9 bytes that are put.</param>
    /// <param name="getGb">10^9 bytes that are read.</param>
    public IReadOnlyList<CloudCost?> PerCloud(decimal putGb, decimal getGb) =>
        [.. clouds.Select(cloud => cloud.Prices is { } prices ? Of(prices, putGb, getGb) : null)];

    /// <summary>The clouds with prices that reading is cheapest from, as many as are needed or as there are.</summary>
    public IReadOnlyList<CloudSettings> CheapestToRead() =>
        [.. clouds.Where(cloud => cloud.Prices is not null).OrderBy(cloud => Of(cloud.Prices!, 0, 1).Get).Take(ReadFrom)];

    /// <summary>What it costs to read one block of that many bytes.</summary>
    public static double OfBlock(CloudPrices prices, int blockBytes) =>
        (double)((prices.GetPer1000 / 1000) + (prices.EgressGb * blockBytes / Gigabyte));

    private CloudCost Of(CloudPrices prices, decimal putGb, decimal getGb)
    {
        decimal share = 1m / ReadFrom;
        return new CloudCost(
            Chunks(putGb) * prices.PutPer1000 / 1000,
            putGb * share * prices.StoredGbMonth,
            (Chunks(getGb) * prices.GetPer1000 / 1000) + (getGb * share * prices.EgressGb));
    }

    private static decimal Chunks(decimal gigabytes) => Math.Ceiling(gigabytes * Gigabyte / UnitLimits.ChunkBytesDefault);
}
