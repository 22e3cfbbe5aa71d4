namespace Culvert.Storage;

/// <summary>Goes through all names of a cloud behind a prefix, and ends whatever the cloud lists.</summary>
internal static class CloudWalk
{
    /// <summary>
    /// Visits entries whose names begin so, each once, in ordinal order. True when that was all; false when the cloud listed more pages than are looked at, or
    /// did not go forward.
    /// </summary>
    internal static async ValueTask<CloudOutcome<bool>> ForEachAsync(
        ICloud cloud, string prefix, int pagesMax, Action<CloudEntry> visit, CancellationToken cancellationToken)
    {
        string? after = null;
        for (int pages = 0; pages < pagesMax; pages++)
        {
            CloudOutcome<CloudListing> listing = await cloud.ListAsync(prefix, after, cancellationToken).ConfigureAwait(false);
            if (!listing.Succeeded)
            {
                return listing.Failure;
            }

            string? before = after;
            foreach (CloudEntry entry in listing.Value.Entries)
            {
                if (entry.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(entry.Name, after) > 0)
                {
                    after = entry.Name;
                    visit(entry);
                }
            }

            if (!listing.Value.HasMore)
            {
                return true;
            }

            if (after == before)
            {
                return false;
            }
        }

        return false;
    }
}
