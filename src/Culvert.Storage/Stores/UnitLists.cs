namespace Culvert.Storage;

/// <summary>Finds which units there are. Thread safe.</summary>
internal sealed class UnitLists(StoreContext context)
{
    /// <summary>Units whose names some clouds have and others have not are looked up, so many at once.</summary>
    private const int LookUpsAtOnce = 8;

    /// <summary>
    /// The units whose names begin so. A name that n - f clouds have under <c>h/</c> is there; others are looked up, since they may be
    /// new, removed, or invented.
    /// </summary>
    internal async ValueTask<Outcome<List<UnitName>>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        Outcome<Dictionary<string, int>> names = await NamesAsync(UnitObjects.Heads, prefix, cancellationToken).ConfigureAwait(false);
        if (!names.Succeeded)
        {
            return names.Failure;
        }

        List<UnitName> there = [];
        List<UnitName> doubtful = [];
        foreach ((string name, int clouds) in names.Value)
        {
            if (UnitName.Decode(name[UnitObjects.Heads.Length..]) is { } unit)
            {
                (clouds >= context.View.Quorum.Enough ? there : doubtful).Add(unit);
            }
        }

        foreach (UnitName[] some in doubtful.Order().Chunk(LookUpsAtOnce))
        {
            Outcome<RecordReading>[] found = await Task.WhenAll(some.Select(unit => context.ReadRecordAsync(unit, cancellationToken).AsTask())).ConfigureAwait(false);
            there.AddRange(found.Where(reading => reading.Succeeded && reading.Value.Newest is { IsTombstone: false }).Select(reading => reading.Value.Newest!.Unit));
        }

        there.Sort();
        return there;
    }

    /// <summary>Removed units whose tombstones are kept, so far as some cloud lists them.</summary>
    internal async ValueTask<Outcome<List<UnitName>>> RemovedAsync(CancellationToken cancellationToken)
    {
        Outcome<Dictionary<string, int>> names = await NamesAsync(UnitObjects.Tombstones, "", cancellationToken).ConfigureAwait(false);
        return names.Succeeded
            ? names.Value.Keys.Select(name => UnitName.Decode(name[UnitObjects.Tombstones.Length..])).OfType<UnitName>().Order().ToList()
            : names.Failure;
    }

    /// <summary>Names in the lists of n - f clouds, and how many of them have each.</summary>
    private async ValueTask<Outcome<Dictionary<string, int>>> NamesAsync(string folder, string prefix, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        string begins = folder + UnitName.Encode(prefix);
        List<CloudOutcome<List<string>>> lists = await QuorumWait.ForAsync(
            view.Shell.Clouds.Select(cloud => AllNamesAsync(cloud, begins, cancellationToken)),
            ended => ended.Count(list => list.Succeeded) >= view.Quorum.Enough, context.Background, cancellationToken).ConfigureAwait(false);
        if (lists.Count(list => list.Succeeded) < view.Quorum.Enough)
        {
            string failures = string.Join("; ", lists.Where(list => !list.Succeeded).Select(list => list.Failure!.Message));
            return new Failure(FailureKind.Io, $"fewer than {view.Quorum.Enough} of {view.Quorum.Clouds} clouds list what they have ({failures})");
        }

        return lists.Where(list => list.Succeeded).SelectMany(list => list.Value).CountBy(name => name, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
    }

    private static async Task<CloudOutcome<List<string>>> AllNamesAsync(ICloud cloud, string prefix, CancellationToken cancellationToken)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        string? after = null;
        while (true)
        {
            CloudOutcome<CloudListing> listing = await cloud.ListAsync(prefix, after, cancellationToken).ConfigureAwait(false);
            if (!listing.Succeeded)
            {
                return new CloudFailure(listing.Failure.Kind, $"{cloud.Name}: {listing.Failure.Message}");
            }

            foreach (CloudEntry entry in listing.Value.Entries.Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                names.Add(entry.Name);
            }

            string? last = listing.Value.Entries.Count > 0 ? listing.Value.Entries[^1].Name : null;
            if (!listing.Value.HasMore || last is null || string.CompareOrdinal(last, after) <= 0 || names.Count > Store.UnitsMax)
            {
                return names.ToList();
            }

            after = last;
        }
    }
}
