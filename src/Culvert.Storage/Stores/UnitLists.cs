namespace Culvert.Storage;

/// <summary>Finds which units there are. Thread safe.</summary>
internal sealed class UnitLists(StoreContext context)
{
    /// <summary>Units whose names some clouds have and others have not are looked up, so many at once.</summary>
    private const int LookUpsAtOnce = 8;

    /// <summary>
    /// With more names than this that only f clouds or fewer have, all clouds are waited for: then such names are no units that were
    /// put completely, and need no look-up each, of which a cloud could cause any number.
    /// </summary>
    private const int LookUpsFew = 256;

    private const int PagesMax = Store.UnitsMax / CloudLimits.ListEntriesMax;

    /// <summary>
    /// The units whose names begin so. A name that n - f clouds have under <c>h/</c> is there; others are looked up, since they may be
    /// new, removed, or invented.
    /// </summary>
    internal async ValueTask<Outcome<List<UnitName>>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        Quorum quorum = context.View.Quorum;
        Outcome<Dictionary<string, int>> names = await NamesAsync(UnitObjects.Heads, prefix, quorum.Enough, cancellationToken).ConfigureAwait(false);
        bool isAll = false;
        if (names.Succeeded && names.Value.Values.Count(clouds => clouds < quorum.OneCorrect) > LookUpsFew)
        {
            names = await NamesAsync(UnitObjects.Heads, prefix, quorum.Clouds, cancellationToken).ConfigureAwait(false);
            isAll = true;
        }

        if (!names.Succeeded)
        {
            return names.Failure;
        }

        List<UnitName> there = [];
        List<UnitName> doubtful = [];
        foreach ((string name, int clouds) in names.Value)
        {
            // The head of a unit that was put completely is at f + 1 correct clouds, all of which have answered when all were waited for.
            if ((!isAll || clouds >= quorum.OneCorrect) && UnitName.Decode(name[UnitObjects.Heads.Length..]) is { } unit)
            {
                (clouds >= quorum.Enough ? there : doubtful).Add(unit);
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
        Outcome<Dictionary<string, int>> names = await NamesAsync(UnitObjects.Tombstones, "", context.View.Quorum.Enough, cancellationToken).ConfigureAwait(false);
        return names.Succeeded
            ? names.Value.Keys.Select(name => UnitName.Decode(name[UnitObjects.Tombstones.Length..])).OfType<UnitName>().Order().ToList()
            : names.Failure;
    }

    /// <summary>Names in the lists of so many clouds, or of all that answer, and how many of them have each.</summary>
    private async ValueTask<Outcome<Dictionary<string, int>>> NamesAsync(string folder, string prefix, int wanted, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        string begins = folder + UnitName.Encode(prefix);
        List<CloudOutcome<List<string>>> lists = await QuorumWait.ForAsync(
            view.Shell.Clouds.Select(cloud => AllNamesAsync(cloud, begins, cancellationToken)),
            ended => ended.Count(list => list.Succeeded) >= wanted, context.Background, cancellationToken).ConfigureAwait(false);
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
        List<string> names = [];
        CloudOutcome<bool> all = await CloudWalk.ForEachAsync(cloud, prefix, PagesMax, entry => names.Add(entry.Name), cancellationToken).ConfigureAwait(false);
        return !all.Succeeded ? new CloudFailure(all.Failure.Kind, $"{cloud.Name}: {all.Failure.Message}")
            : all.Value ? names
            : new CloudFailure(CloudFailureKind.Malformed, $"{cloud.Name}: its list has no end, or more than {Store.UnitsMax} names");
    }
}
