namespace Culvert.Storage;

/// <summary>
/// Finds every unit of which some cloud has a record, also one that no list has: its first writer died before its head was put, and
/// yet whoever knows its name may find its record, and has to find its value. Thread safe.
/// </summary>
internal sealed class RecordedUnits(StoreContext context)
{
    /// <summary>Parts of one cloud's list, of up to <see cref="CloudLimits.ListEntriesMax"/> names each: what a cloud whose list has no end can cost.</summary>
    private const int PartsMax = 10_000;

    /// <summary>Names of units in the lists of n - f clouds; some may be invented.</summary>
    internal async ValueTask<Outcome<List<UnitName>>> ListAsync(CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        List<CloudOutcome<SortedSet<UnitName>>> lists = await QuorumWait.ForAsync(
            view.Shell.Clouds.Select(cloud => UnitsAtAsync(cloud, cancellationToken)),
            ended => ended.Count(list => list.Succeeded) >= view.Quorum.Enough, context.Background, cancellationToken).ConfigureAwait(false);
        return lists.Count(list => list.Succeeded) >= view.Quorum.Enough
            ? lists.Where(list => list.Succeeded).SelectMany(list => list.Value).Distinct().Order().ToList()
            : new Failure(FailureKind.Io, $"fewer than {view.Quorum.Enough} of {view.Quorum.Clouds} clouds list their records");
    }

    private static async Task<CloudOutcome<SortedSet<UnitName>>> UnitsAtAsync(ICloud cloud, CancellationToken cancellationToken)
    {
        SortedSet<UnitName> units = [];
        string? after = null;
        for (int parts = 0; parts < PartsMax; parts++)
        {
            CloudOutcome<CloudListing> listing = await cloud.ListAsync(UnitObjects.Units, after, cancellationToken).ConfigureAwait(false);
            if (!listing.Succeeded)
            {
                return listing.Failure;
            }

            foreach (CloudEntry entry in listing.Value.Entries)
            {
                if (UnitObjects.UnitOfRecord(entry.Name) is { } unit)
                {
                    units.Add(unit);
                }
            }

            string? last = listing.Value.Entries.Count > 0 ? listing.Value.Entries[^1].Name : null;
            if (!listing.Value.HasMore || last is null || string.CompareOrdinal(last, after) <= 0)
            {
                return units;
            }

            after = last;
        }

        return new CloudFailure(CloudFailureKind.Malformed, $"{cloud.Name}: its list does not end");
    }
}
