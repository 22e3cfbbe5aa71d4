namespace Culvert.Storage;

/// <summary>Makes and puts a unit's next metadata record, and removes what it no longer names. Thread safe.</summary>
internal sealed class UnitRecords(StoreContext context)
{
    /// <summary>How often a put without a lock goes behind a record that another writer put meanwhile.</summary>
    private const int CollisionsMax = 3;

    /// <summary>
    /// How much of what a cloud lists behind one prefix is removed at a time, and how many pages are gone through for it: more than a value has of objects
    /// with four clouds. A cloud that lists without end would keep its client for ever.
    /// </summary>
    private const int RemovalsMax = 200_000;

    private const int RemovalPagesMax = 1000;

    /// <summary>
    /// Puts the record that <paramref name="next"/> makes of the newest one, at n - f clouds. When another writer's is in its place, that is
    /// an error under a lock, and otherwise the record goes behind it, a few times. Null from <paramref name="next"/>: nothing to do.
    /// </summary>
    internal async ValueTask<Outcome<RecordStep>> AddAsync(
        StoreView view,
        UnitName unit,
        Task<Outcome<RecordReading>> newest,
        Func<RecordMaker, UnitMetadata?, Outcome<UnitMetadata?>> next,
        RecordTerms terms,
        CancellationToken cancellationToken)
    {
        for (int collisions = 0; ; collisions++)
        {
            Outcome<RecordReading> reading = await newest.ConfigureAwait(false);
            if (!reading.Succeeded)
            {
                return reading.Failure;
            }

            if (context.View.Configuration.Number > view.Configuration.Number)
            {
                return Changed(unit);
            }

            UnitMetadata? before = reading.Value.Newest;
            if ((IsOfNewer(view, before) ?? terms.Refuse(before)) is { } refused)
            {
                return refused;
            }

            long attempted = await context.State.AttemptedAsync(unit, cancellationToken).ConfigureAwait(false);
            RecordMaker maker = new(view.Configuration, unit, context.State.Writer, context.NowMs, attempted);
            Outcome<UnitMetadata?> made = next(maker, before);
            if (!made.Succeeded)
            {
                return made.Failure;
            }

            if (made.Value is null)
            {
                return new RecordStep(before, before, [], null);
            }

            Outcome<UnitMetadata> settled = await SettleAsync(view, maker, reading.Value, made.Value).ConfigureAwait(false);
            if (!settled.Succeeded)
            {
                return settled.Failure;
            }

            UnitMetadata record = settled.Value.Sign(context.Keys.Signing);
            await context.State.AttemptAsync(unit, record.Counter, cancellationToken).ConfigureAwait(false);
            // A first record's head counts, so that whoever lists finds the unit.
            Outcome<Completion> put = await PutAsync(view, record, before is null or { IsTombstone: true }, terms.Progress, cancellationToken).ConfigureAwait(false);
            if (put.Succeeded)
            {
                await context.State.RememberAsync(record, anchor: true, cancellationToken).ConfigureAwait(false);
                await context.State.AttemptDoneAsync(unit, cancellationToken).ConfigureAwait(false);
                return new RecordStep(before, record, RecordChain.Dropped(before, record), put.Value);
            }

            if (put.Failure.Kind != FailureKind.Mismatch || terms.IsLocked || collisions == CollisionsMax)
            {
                return put.Failure;
            }

            await context.Clock.Delay(Backoff(collisions), cancellationToken).ConfigureAwait(false);
            newest = context.ReadRecordAsync(unit, cancellationToken).AsTask();
        }
    }

    /// <summary>The clouds, readers or writers are others than when an operation began.</summary>
    private static Failure Changed(UnitName unit) => new(FailureKind.Mismatch, $"{unit}: the owner changed the store's clouds or members meanwhile; begin again");

    /// <summary>
    /// Removes what a new record dropped: old values, old records. Ends when n - f clouds have been asked for all of it; it is garbage
    /// if that fails, and never anything that is needed.
    /// </summary>
    internal async ValueTask RemoveDroppedAsync(StoreView view, UnitMetadata record, IReadOnlyList<KeptVersion> dropped, CancellationToken cancellationToken)
    {
        IEnumerable<Task<bool>> removals = Enumerable.Range(0, view.Quorum.Clouds).Select(slot => RemoveAtAsync(view, slot, record, dropped));
        await QuorumWait.ForAsync(removals, ended => ended.Count >= view.Quorum.Enough, context.Background, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes objects by their names, at all clouds; ends when n - f have.</summary>
    internal async ValueTask RemoveNamedAsync(StoreView view, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (names.Count > 0)
        {
            IEnumerable<Task<bool>> removals = view.Shell.Clouds.Select(RemoveAtAsync);
            await QuorumWait.ForAsync(removals, ended => ended.Count >= view.Quorum.Enough, context.Background, cancellationToken).ConfigureAwait(false);
        }

        async Task<bool> RemoveAtAsync(ICloud cloud)
        {
            foreach (string name in names)
            {
                await cloud.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
            }

            return true;
        }
    }

    /// <summary>Removes every object whose name begins so, at all clouds; ends when n - f have.</summary>
    internal async ValueTask RemoveAllAsync(StoreView view, IReadOnlyList<string> prefixes, Func<string, bool> goes, CancellationToken cancellationToken)
    {
        IEnumerable<Task<bool>> removals = view.Shell.Clouds.Select(cloud => RemoveListedAsync(cloud, prefixes, goes));
        await QuorumWait.ForAsync(removals, ended => ended.Count >= view.Quorum.Enough, context.Background, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The record before may be on fewer than n - f clouds, because its writer died: then it cannot be what keeps an older
    /// version's descriptor, which is put as an object of its own first.
    /// </summary>
    private async ValueTask<Outcome<UnitMetadata>> SettleAsync(StoreView view, RecordMaker maker, RecordReading reading, UnitMetadata next)
    {
        if (reading.Newest is not { Descriptor: { } descriptor } before
            || reading.BySlot.Count(record => record?.Version == before.Version) >= view.Quorum.Enough
            || next.Versions.All(version => version.Holder != before.Counter))
        {
            return next;
        }

        CloudObject[] item = [new(UnitObjects.Descriptor(before.Unit, descriptor.Value), descriptor.Bytes)];
        QuorumPut core = new(view.Quorum, _ => item);
        (Task<PutResult> result, Completion finished) = view.Shell.Write(core);
        context.Background.Add(finished.WaitAsync());
        return (await result.ConfigureAwait(false)).Succeeded
            ? RecordChain.Detach(maker, before, next, before.Counter)
            : new Failure(FailureKind.Io, $"{before.Unit}: too few clouds took a descriptor ({core.Reports.Text(view.NameOf)})");
    }

    /// <summary>Puts a record at n - f clouds; what comes back is complete when nothing is under way any more.</summary>
    private async ValueTask<Outcome<Completion>> PutAsync(
        StoreView view, UnitMetadata record, bool isNew, SlotProgress progress, CancellationToken cancellationToken)
    {
        RecordPut core = new(view.Quorum, record, isNew && !record.IsTombstone, view.ReadRecord)
        {
            ClaimOf = view.ClaimOf,
            SlotBegun = progress.Begun,
            SlotEnded = progress.Ended,
        };
        (Task<PutResult> result, Completion finished) = view.Shell.Write(core);
        context.Background.Add(finished.WaitAsync());
        PutResult put = await result.ConfigureAwait(false);
        await context.ChargeAsync(view, core.Reports, cancellationToken).ConfigureAwait(false);
        return put.Succeeded ? finished
            : put.Collisions.Count > 0
                ? new Failure(FailureKind.Mismatch, $"{record.Unit}: another writer is at work ({core.Reports.Text(view.NameOf)}); `store lock` keeps writers apart")
                : new Failure(
                    FailureKind.Io,
                    $"{record.Unit}: fewer than {view.Quorum.Enough} of {view.Quorum.Clouds} clouds took the metadata ({core.Reports.Text(view.NameOf)})");
    }

    /// <summary>The store has moved: what is put by the older configuration would go to a cloud that was left.</summary>
    private static Failure? IsOfNewer(StoreView view, UnitMetadata? before) => before?.Configuration > view.Configuration.Number
        ? new Failure(FailureKind.Mismatch, $"{before.Unit}: the store's configuration is {before.Configuration} by now, and this was begun with {view.Configuration.Number}: begin again")
        : null;

    private TimeSpan Backoff(int collisions)
    {
        Span<byte> chance = stackalloc byte[1];
        context.Entropy.Fill(chance);
        return context.Options.RepeatAfter * (1 << collisions) * (1 + (chance[0] / 256.0));
    }

    private static async Task<bool> RemoveAtAsync(StoreView view, int slot, UnitMetadata record, IReadOnlyList<KeptVersion> dropped)
    {
        ICloud cloud = view.Shell.Clouds[slot];
        UnitName unit = record.Unit;
        bool values = await RemoveListedAsync(cloud, [.. dropped.Select(version => UnitObjects.Value(unit, version.Value))], _ => true).ConfigureAwait(false);
        string records = UnitObjects.Records(unit);
        return await RemoveListedAsync(cloud, [records], name => UnitObjects.Number(name, records) < record.OldestCounter).ConfigureAwait(false) && values;
    }

    /// <summary>False when a list failed.</summary>
    private static async Task<bool> RemoveListedAsync(ICloud cloud, IReadOnlyList<string> prefixes, Func<string, bool> goes)
    {
        foreach (string prefix in prefixes)
        {
            List<string> going = [];
            CloudOutcome<bool> all = await CloudWalk.ForEachAsync(cloud, prefix, RemovalPagesMax, entry => Note(entry.Name), CancellationToken.None).ConfigureAwait(false);
            foreach (string name in going)
            {
                await cloud.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
            }

            if (!all.Succeeded)
            {
                return false;
            }

            void Note(string name)
            {
                if (goes(name) && going.Count < RemovalsMax)
                {
                    going.Add(name);
                }
            }
        }

        return true;
    }
}

/// <summary>Under what terms a record is put.</summary>
/// <param name="Progress">Told what each cloud has.</param>
/// <param name="IsLocked">The caller holds the unit's lease: nobody else writes, or something is wrong.</param>
/// <param name="Refuse">Why the newest record forbids it; null when it does not.</param>
internal sealed record RecordTerms(SlotProgress Progress, bool IsLocked, Func<UnitMetadata?, Failure?> Refuse);

/// <summary>A record that was put, and the one before.</summary>
/// <param name="Before">The newest before.</param>
/// <param name="After">The newest now; null when there is none.</param>
/// <param name="Dropped">Versions that only the one before names.</param>
/// <param name="Finished">Its puts are not under way any more; null when there were none.</param>
internal sealed record RecordStep(UnitMetadata? Before, UnitMetadata? After, IReadOnlyList<KeptVersion> Dropped, Completion? Finished);
