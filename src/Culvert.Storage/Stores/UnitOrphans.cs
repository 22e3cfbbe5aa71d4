using System.Globalization;

namespace Culvert.Storage;

/// <summary>What lies about of a unit, and what of it may go.</summary>
/// <param name="Newest">The newest record by which that was decided; null: there is no such unit.</param>
/// <param name="Found">All of it.</param>
/// <param name="Useless">Names that mean nothing to anybody any more.</param>
/// <param name="GivenUp">What the names of values begin with whose uploads were given up: they go under the unit's lease only.</param>
internal sealed record OrphanLook(UnitMetadata? Newest, IReadOnlyList<Orphan> Found, IReadOnlyList<string> Useless, IReadOnlyList<string> GivenUp);

/// <summary>
/// Finds what no version of a unit needs, and removes it where that is safe (docs/storage.md, What lies about). Thread safe, for
/// different units.
/// </summary>
internal sealed class UnitOrphans(StoreContext context, UnitRecords records)
{
    /// <summary>What each cloud lists of a unit; null for one that does not answer.</summary>
    internal async ValueTask<UnitNames?[]> ListAsync(StoreView view, UnitName unit, CancellationToken cancellationToken) =>
        await Task.WhenAll(view.Shell.Clouds.Select(cloud => UnitNames.OfAsync(cloud, unit, cancellationToken))).ConfigureAwait(false);

    /// <summary>
    /// Sorts out names that were listed before <paramref name="newest"/> was read, and notes since when values lie about.
    /// </summary>
    /// <param name="view">The store.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="names">What each cloud lists.</param>
    /// <param name="newest">The newest record; null: there is none.</param>
    /// <param name="isComplete">Whether n - f clouds have it: if not, the one before may still be what counts.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    internal async ValueTask<OrphanLook> LookAsync(
        StoreView view, UnitName unit, UnitNames?[] names, UnitMetadata? newest, bool isComplete, CancellationToken cancellationToken)
    {
        List<Orphan> found = [];
        List<string> useless = [];
        List<string> givenUp = await LookAtValuesAsync(view, unit, names, newest, isComplete, found, cancellationToken).ConfigureAwait(false);
        LookAtRecords(view, unit, names, newest, isComplete, found, useless);
        await LookAtLeasesAsync(view, unit, names, found, useless, cancellationToken).ConfigureAwait(false);
        foreach ((string name, string[] clouds) in Where(view, names, one => one.Foreign))
        {
            found.Add(new Orphan(OrphanKind.Foreign, name, clouds, 1, "nothing of Culvert's is called so; it is left to you", false));
        }

        foreach (int slot in Enumerable.Range(0, names.Length).Where(slot => names[slot] is { IsCut: true }))
        {
            found.Add(new Orphan(OrphanKind.Foreign, UnitObjects.All(unit), [view.NameOf(slot)], 0, "it lists more than a unit can have, which is not looked at", false));
        }

        return new OrphanLook(newest, found, useless, givenUp);
    }

    /// <summary>Removes what may go, under <paramref name="lease"/> or one of its own, and tells of everything that was found.</summary>
    internal async ValueTask<IReadOnlyList<Orphan>> RemoveAsync(StoreView view, UnitName unit, OrphanLook look, UnitLease? lease, CancellationToken cancellationToken)
    {
        HashSet<string> gone = [.. look.Useless];
        await records.RemoveNamedAsync(view, look.Useless, cancellationToken).ConfigureAwait(false);
        string refused = "";
        if (look.GivenUp.Count > 0)
        {
            Outcome<UnitLease> taken = lease is null ? await UnitLease.TryTakeAsync(context, unit, cancellationToken).ConfigureAwait(false) : lease;
            if (taken.Succeeded)
            {
                try
                {
                    refused = await RemoveGivenUpAsync(view, unit, look, taken.Value, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    if (lease is null)
                    {
                        await taken.Value.DisposeAsync().ConfigureAwait(false);
                    }
                }
            }
            else
            {
                refused = $"; it is left, since {taken.Failure.Message}";
            }

            if (refused.Length == 0)
            {
                gone.UnionWith(look.GivenUp);
            }
        }

        return [.. look.Found.Select(orphan => orphan with
        {
            IsRemoved = gone.Contains(orphan.Name),
            Message = look.GivenUp.Contains(orphan.Name) ? orphan.Message + refused : orphan.Message,
        })];
    }

    /// <summary>Under the lease nobody who asks for it writes; who does not ask has brought nothing for long, and does not go on (<see cref="UploadPace"/>).</summary>
    private async ValueTask<string> RemoveGivenUpAsync(StoreView view, UnitName unit, OrphanLook look, UnitLease lease, CancellationToken cancellationToken)
    {
        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (!reading.Succeeded || reading.Value.Newest?.Version != look.Newest?.Version || lease.Refuse() is not null)
        {
            return "; it is left, since the unit was written meanwhile";
        }

        await records.RemoveAllAsync(view, look.GivenUp, _ => true, cancellationToken).ConfigureAwait(false);
        return "";
    }

    private async ValueTask<List<string>> LookAtValuesAsync(
        StoreView view, UnitName unit, UnitNames?[] names, UnitMetadata? newest, bool isComplete, List<Orphan> found, CancellationToken cancellationToken)
    {
        HashSet<ValueId> kept = [.. (newest?.Versions ?? []).Select(version => version.Value)];
        ValueId[] lost = [.. names.OfType<UnitNames>().SelectMany(one => one.Found.Keys).Distinct().Where(value => !kept.Contains(value)).OrderBy(value => value.Value)];
        Dictionary<ValueId, OrphanNote> noted = (await context.State.OrphansAsync(unit, view.Quorum.Clouds, cancellationToken).ConfigureAwait(false))
            .ToDictionary(note => note.Value);
        List<OrphanNote> notes = [];
        List<string> givenUp = [];
        foreach (ValueId value in lost.Take(ClientState.OrphansMax))
        {
            long[] progress = [.. names.Select(one => one is null or { IsCut: true } ? OrphanNote.Unknown : one.Found.GetValueOrDefault(value)?.Progress ?? 0)];
            OrphanNote note = OrphanNote.After(noted.GetValueOrDefault(value), value, progress, view.Quorum, context.NowMs);
            notes.Add(note);
            string name = UnitObjects.Value(unit, value);
            bool isGivenUp = isComplete && note.IsGivenUp(context.NowMs, context.Options.GivenUpAfter);
            if (isGivenUp)
            {
                givenUp.Add(name);
            }

            string since = DateTimeOffset.FromUnixTimeMilliseconds(note.SinceMs).ToString("u", CultureInfo.InvariantCulture);
            found.Add(new Orphan(
                OrphanKind.Value, name,
                [.. Enumerable.Range(0, names.Length).Where(slot => names[slot]?.Found.ContainsKey(value) == true).Select(view.NameOf)],
                names.Max(one => one?.Found.GetValueOrDefault(value)?.Objects ?? 0),
                isGivenUp ? $"no version names it, and nothing of it has come since {since}" : $"no version names it, and it may be under way: noted {since}",
                false));
        }

        await context.State.SetOrphansAsync(unit, notes, cancellationToken).ConfigureAwait(false);
        return givenUp;
    }

    private static void LookAtRecords(
        StoreView view, UnitName unit, UnitNames?[] names, UnitMetadata? newest, bool isComplete, List<Orphan> found, List<string> useless)
    {
        if (newest is null || !isComplete)
        {
            return;
        }

        string[] all = [.. names.OfType<UnitNames>().SelectMany(one => one.Counters).Distinct().Where(counter => counter < newest.OldestCounter)
            .Order().Select(counter => UnitObjects.Record(unit, counter))];
        foreach ((string name, string[] clouds) in Where(view, names, one => one.Counters.Select(counter => UnitObjects.Record(unit, counter)).Intersect(all)))
        {
            found.Add(new Orphan(OrphanKind.Record, name, clouds, 1, $"below number {newest.OldestCounter}, the oldest that is kept", false));
        }

        useless.AddRange(all);
    }

    /// <summary>A lease that has ended counts for nobody, and one that nobody signed never did. One by a key that is not known stays.</summary>
    private async ValueTask LookAtLeasesAsync(
        StoreView view, UnitName unit, UnitNames?[] names, List<Orphan> found, List<string> useless, CancellationToken cancellationToken)
    {
        foreach ((string name, string[] clouds) in Where(view, names, one => one.Leases))
        {
            BlockWish wish = BlockWish.OneOf(name, UnitLimits.LeaseBytesMax, bytes =>
                view.ReadLease(bytes) is { Succeeded: true, Value: var lease } && lease.ObjectName == name && lease.Unit.Equals(unit) ? null : "nobody signed it");
            Survey survey = await view.Shell.ReadAsync(new ObjectSurvey(view.Quorum, wish), cancellationToken).ConfigureAwait(false);
            SurveyAnswer[] there = [.. survey.Answers.Where(answer => answer.Fitting is not null || answer.Charge == ChargeKind.Altered)];
            bool isUnknown = there.Any(answer => answer.Fitting is null && view.ReadLease(answer.Held) is { Succeeded: false } read && SignedObject.IsOfUnknownSigner(read.Failure!));
            bool counts = there.Any(answer => answer.Fitting is { } bytes && UnitLease.Counts(context, view.ReadLease(bytes).Value));
            if (there.Length == 0 || isUnknown || counts)
            {
                continue;
            }

            found.Add(new Orphan(
                OrphanKind.Lease, name, clouds, 1, there.Any(answer => answer.Fitting is not null) ? "a lease that has ended: its holder died" : "a lease that nobody signed", false));
            useless.Add(name);
        }
    }

    /// <summary>Names, with the clouds that list them.</summary>
    private static IEnumerable<(string Name, string[] Clouds)> Where(StoreView view, UnitNames?[] names, Func<UnitNames, IEnumerable<string>> of) =>
        names.SelectMany((one, slot) => (one is null ? [] : of(one)).Select(name => (Name: name, Slot: slot)))
            .GroupBy(pair => pair.Name, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Select(pair => view.NameOf(pair.Slot)).Distinct().ToArray()));
}
