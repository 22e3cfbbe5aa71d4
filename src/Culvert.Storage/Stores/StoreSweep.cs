namespace Culvert.Storage;

/// <summary>Goes through everything that every cloud lists, for what no unit that is known explains.</summary>
internal sealed class StoreSweep(StoreContext context, UnitOrphans orphans, bool repair)
{
    /// <summary>Pages of a cloud's list: ten million names.</summary>
    private const int PagesMax = 10_000;

    /// <summary>Units and other names that are kept in mind.</summary>
    private const int KeptMax = 10_000;

    /// <param name="known">Units that were verified.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    internal async ValueTask<Outcome<IReadOnlyList<Orphan>>> RunAsync(IEnumerable<string> known, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        HashSet<string> explained = [.. known.Select(UnitName.TryParse).Where(name => name.Succeeded).Select(name => name.Value.Encoded)];
        SweptNames[] swept = await Task.WhenAll(view.Shell.Clouds.Select(cloud => ListAsync(cloud, explained, cancellationToken))).ConfigureAwait(false);
        List<Orphan> found = [];
        foreach (IGrouping<string, (string Name, int Slot)> foreign in swept
            .SelectMany((names, slot) => names.Foreign.Select(name => (Name: name, Slot: slot))).GroupBy(pair => pair.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            found.Add(new Orphan(
                OrphanKind.Foreign, foreign.Key, [.. foreign.Select(pair => view.NameOf(pair.Slot))], 1,
                foreign.Key.StartsWith(UnitObjects.Probes, StringComparison.Ordinal)
                    ? "what a client tried the cloud with, and did not remove"
                    : "nothing of Culvert's is called so; it is left to you",
                false));
        }

        foreach (UnitName unit in swept.SelectMany(names => names.Units).Distinct().Take(KeptMax).Select(UnitName.Decode).OfType<UnitName>().Order())
        {
            UnitNames?[] names = await orphans.ListAsync(view, unit, cancellationToken).ConfigureAwait(false);
            Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
            if (!reading.Succeeded)
            {
                return reading.Failure;
            }

            UnitMetadata? newest = reading.Value.Newest;
            bool isComplete = newest is null || reading.Value.BySlot.Count(record => record?.Version == newest.Version) >= view.Quorum.Enough;
            if (newest is { IsTombstone: false })
            {
                // Put since the units were listed: verified the next time.
                continue;
            }

            OrphanLook look = await orphans.LookAsync(view, unit, names, newest, isComplete, cancellationToken).ConfigureAwait(false);
            found.AddRange(repair ? await orphans.RemoveAsync(view, unit, look, null, cancellationToken).ConfigureAwait(false) : look.Found);
        }

        return found;
    }

    private static async Task<SweptNames> ListAsync(ICloud cloud, HashSet<string> explained, CancellationToken cancellationToken)
    {
        SweptNames names = new([], []);
        await CloudWalk.ForEachAsync(cloud, "", PagesMax, entry => Sort(entry.Name), cancellationToken).ConfigureAwait(false);
        return names;

        void Sort(string name)
        {
            string? unit = UnitOf(name);
            if (unit is null ? UnitObjects.Number(name, UnitObjects.Configurations) is not null : explained.Contains(unit))
            {
                return;
            }

            if (unit is not null && UnitName.Decode(unit) is not null)
            {
                if (names.Units.Count < KeptMax)
                {
                    names.Units.Add(unit);
                }
            }
            else if (names.Foreign.Count < KeptMax)
            {
                names.Foreign.Add(name);
            }
        }
    }

    /// <summary>The encoded unit that an object is of; null when it is of none.</summary>
    private static string? UnitOf(string name)
    {
        string[] parts = name.Split('/');
        return parts switch
        {
            ["h" or "t", var unit] => unit,
            ["u", var unit, _, ..] => unit,
            _ => null,
        };
    }

    /// <summary>What a cloud lists that no known unit explains.</summary>
    private sealed record SweptNames(HashSet<string> Units, HashSet<string> Foreign);
}
