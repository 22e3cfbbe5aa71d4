using System.Security.Cryptography;

namespace Culvert.Storage;

/// <summary>Puts, collects and removes units. Thread safe, for different units; of one unit there is one writer at a time.</summary>
internal sealed class UnitWriter(StoreContext context, UnitRecords records, UnitOrphans orphans)
{
    /// <summary>Stores a new version: value to n - f clouds, and meanwhile the newest metadata is read; then metadata to n - f.</summary>
    internal async ValueTask<Outcome<PutReceipt>> PutAsync(UnitName unit, Stream content, PutOptions options, CancellationToken cancellationToken)
    {
        if (options.Keep < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), "at least the new version is kept");
        }

        await context.FollowAsync(cancellationToken).ConfigureAwait(false);
        long from = content.CanSeek ? content.Position : 0;
        long configuration = context.View.Configuration.Number;
        Outcome<PutReceipt> put = await PutOnceAsync(unit, content, options, cancellationToken).ConfigureAwait(false);
        if (put.Succeeded || context.View.Configuration.Number == configuration || !content.CanSeek)
        {
            return put;
        }

        // The store's clouds or readers changed under way: what was sent is for the former ones.
        content.Position = from;
        return await PutOnceAsync(unit, content, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Outcome<PutReceipt>> PutOnceAsync(UnitName unit, Stream content, PutOptions options, CancellationToken cancellationToken)
    {
        if ((context.RefuseWriting() ?? RefuseOther(unit, options.Lease)) is { } refused)
        {
            return refused;
        }

        StoreView view = context.View;
        Task<Outcome<RecordReading>> newest = context.ReadRecordAsync(unit, cancellationToken).AsTask();
        SlotProgress? progress = null;
        try
        {
            Outcome<SentValue> sent = await SendAsync(view, unit, content, options, cancellationToken).ConfigureAwait(false);
            if (!sent.Succeeded)
            {
                return sent.Failure;
            }

            using SentValue value = sent.Value;
            progress = value.Upload.Progress;
            RecordTerms terms = new(progress, options.Lease is not null, before => value.Pace.Refuse() ?? Refuse(before, options));
            Outcome<RecordStep> step = await records.AddAsync(
                view, unit, newest, (maker, before) => RecordChain.Put(maker, before, value.Descriptor, options.Keep), terms, cancellationToken).ConfigureAwait(false);
            if (!step.Succeeded)
            {
                return step.Failure;
            }

            if (value.Journal is not null)
            {
                await value.Journal.EndAsync(cancellationToken).ConfigureAwait(false);
            }

            return await CompleteAsync(view, unit, value, step.Value, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A read that nobody waits for any more must not end as an unobserved failure.
            context.Background.Add(newest);
        }
    }

    /// <summary>Keeps the newest versions only, and removes the others.</summary>
    internal async ValueTask<Outcome<int>> CollectAsync(UnitName unit, int keep, IUnitLease? lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        await context.FollowAsync(cancellationToken).ConfigureAwait(false);
        StoreView view = context.View;
        Outcome<RecordStep> step = await AddAsync(
            view, unit, lease, (maker, before) => before is null || before.IsTombstone ? (UnitMetadata?)null : RecordChain.Collect(maker, before, keep), cancellationToken)
            .ConfigureAwait(false);
        if (!step.Succeeded)
        {
            return step.Failure;
        }

        if (step.Value.After is { } record)
        {
            await records.RemoveDroppedAsync(view, record, step.Value.Dropped, cancellationToken).ConfigureAwait(false);
            if (lease is not null)
            {
                await CollectOrphansAsync(view, unit, lease, cancellationToken).ConfigureAwait(false);
            }
        }

        return step.Value.Dropped.Count;
    }

    private async ValueTask CollectOrphansAsync(StoreView view, UnitName unit, IUnitLease lease, CancellationToken cancellationToken)
    {
        UnitNames?[] names = await orphans.ListAsync(view, unit, cancellationToken).ConfigureAwait(false);
        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (reading.Succeeded && reading.Value.Newest is { } newest)
        {
            bool isComplete = reading.Value.BySlot.Count(record => record?.Version == newest.Version) >= view.Quorum.Enough;
            OrphanLook look = await orphans.LookAsync(view, unit, names, newest, isComplete, cancellationToken).ConfigureAwait(false);
            await orphans.RemoveAsync(view, unit, look, lease, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes a unit by a tombstone; with <paramref name="purge"/> the tombstone and the records go too.</summary>
    internal async ValueTask<Outcome<bool>> RemoveAsync(UnitName unit, bool purge, IUnitLease? lease, CancellationToken cancellationToken)
    {
        await context.FollowAsync(cancellationToken).ConfigureAwait(false);
        StoreView view = context.View;
        Outcome<RecordStep> step = await AddAsync(
            view, unit, lease, (maker, before) => before is null || before.IsTombstone ? (UnitMetadata?)null : RecordChain.Remove(maker, before), cancellationToken)
            .ConfigureAwait(false);
        if (!step.Succeeded)
        {
            return step.Failure;
        }

        if (step.Value.After is { } record)
        {
            await records.RemoveDroppedAsync(view, record, step.Value.Dropped, cancellationToken).ConfigureAwait(false);
            if (purge)
            {
                await records.RemoveAllAsync(view, [UnitObjects.All(unit)], _ => true, cancellationToken).ConfigureAwait(false);
                await context.State.ForgetAsync(unit, cancellationToken).ConfigureAwait(false);
            }
        }

        return step.Value.Before is { IsTombstone: false };
    }

    private async ValueTask<Outcome<RecordStep>> AddAsync(
        StoreView view, UnitName unit, IUnitLease? lease, Func<RecordMaker, UnitMetadata?, Outcome<UnitMetadata?>> next, CancellationToken cancellationToken)
    {
        if ((context.RefuseWriting() ?? RefuseOther(unit, lease)) is { } refused)
        {
            return refused;
        }

        RecordTerms terms = new(new SlotProgress(view.Quorum.Clouds), lease is not null, _ => lease?.Refuse());
        return await records.AddAsync(view, unit, context.ReadRecordAsync(unit, cancellationToken).AsTask(), next, terms, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a value under a key of its own, or goes on with one that was begun; begins anew when the source has changed.</summary>
    private async ValueTask<Outcome<SentValue>> SendAsync(
        StoreView view, UnitName unit, Stream content, PutOptions options, CancellationToken cancellationToken)
    {
        long from = content.CanSeek ? content.Position : 0;
        for (bool resume = options.Resume; ; resume = false)
        {
            ValueSource source = new(content, context.Options.ChunkBytes);
            await source.FillAsync(cancellationToken).ConfigureAwait(false);
            ValueSettings settings = ValueSettings.Of(context.Options);
            (ValueKey key, UploadJournal? journal) = await BeginAsync(view, unit, settings, source.HasMore, resume, cancellationToken).ConfigureAwait(false);
            ValueUpload upload = new(context, view, unit, settings, key, journal);
            UploadPace pace = new(context, unit);
            TaskCompletionSource over = new(context.Background.Continuations);
            context.Background.Add(TrackAsync(upload, over.Task));
            try
            {
                Outcome<ValueDescriptor> sent = await SendChunksAsync(source, upload, pace, options.Lease, cancellationToken).ConfigureAwait(false);
                if (sent.Succeeded)
                {
                    return new SentValue(upload, key, sent.Value, journal, pace);
                }

                bool again = upload.HasChanged && content.CanSeek;
                if (upload.HasChanged)
                {
                    await journal!.EndAsync(cancellationToken).ConfigureAwait(false);
                }

                upload.Dispose();
                key.Dispose();
                if (!again)
                {
                    return sent.Failure;
                }

                content.Position = from;
            }
            finally
            {
                over.TrySetResult();
            }
        }
    }

    private static async ValueTask<Outcome<ValueDescriptor>> SendChunksAsync(
        ValueSource source, ValueUpload upload, UploadPace pace, IUnitLease? lease, CancellationToken cancellationToken)
    {
        do
        {
            if ((lease?.Refuse() ?? pace.Refuse()) is { } refused)
            {
                return refused;
            }

            if (await upload.AddAsync(source.Chunk, cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }

            pace.Went();
        }
        while (await source.NextAsync(cancellationToken).ConfigureAwait(false));

        return await upload.EndAsync(source.Bytes, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<(ValueKey Key, UploadJournal? Journal)> BeginAsync(
        StoreView view, UnitName unit, ValueSettings settings, bool isLong, bool resume, CancellationToken cancellationToken)
    {
        int materialBytes = ValueKey.MaterialBytes(settings.KeyMode, view.Quorum);
        string about = $"{view.Configuration.Number} {settings}";
        UploadJournal? journal = isLong && resume
            ? await UploadJournal.FindAsync(context, unit, about, materialBytes, cancellationToken).ConfigureAwait(false)
            : null;
        byte[] material = GC.AllocateUninitializedArray<byte>(materialBytes, pinned: true);
        try
        {
            if (journal is not null)
            {
                journal.KeyBytes.CopyTo(material, 0);
                return (ValueKey.Of(journal.Value, settings.KeyMode, view.Quorum, material), journal);
            }

            context.Entropy.Fill(material);
            ValueId value = ValueId.Random(context.Entropy);
            if (isLong)
            {
                journal = await UploadJournal.BeginAsync(context, unit, about, value, material, cancellationToken).ConfigureAwait(false);
            }

            return (ValueKey.Of(value, settings.KeyMode, view.Quorum, material), journal);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    /// <summary>Ends when nothing of an upload is under way any more, however it ended.</summary>
    private static async Task TrackAsync(ValueUpload upload, Task over)
    {
        await over.ConfigureAwait(false);
        await upload.FinishedAsync().ConfigureAwait(false);
    }

    private async ValueTask<PutReceipt> CompleteAsync(StoreView view, UnitName unit, SentValue value, RecordStep step, CancellationToken cancellationToken)
    {
        string[] behind = [.. value.Upload.Progress.Behind().Select(view.NameOf)];
        await context.State.SetBehindAsync(unit, behind, cancellationToken).ConfigureAwait(false);
        if (behind.Length > 0)
        {
            context.Background.Add(NoteBehindAsync(view, unit, value.Upload, step));
        }

        if (step.Dropped.Count > 0)
        {
            context.Background.Add(records.RemoveDroppedAsync(view, step.After!, step.Dropped, CancellationToken.None).AsTask());
        }

        return new PutReceipt(step.After!.Newest!.Number, value.Descriptor.ValueBytes, step.After.Version, value.Upload.ChunksResumed, behind);
    }

    private async Task NoteBehindAsync(StoreView view, UnitName unit, ValueUpload upload, RecordStep step)
    {
        await upload.FinishedAsync().ConfigureAwait(false);
        await step.Finished!.WaitAsync().ConfigureAwait(false);
        UnitMetadata? newest = await context.State.RecallAsync(unit, view.ReadRecord, CancellationToken.None).ConfigureAwait(false);
        if (newest?.Version == step.After!.Version)
        {
            await context.State.SetBehindAsync(unit, upload.Progress.Behind().Select(view.NameOf), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static Failure? RefuseOther(UnitName unit, IUnitLease? lease) => lease is null || lease.Unit == unit.Text
        ? null
        : new Failure(FailureKind.Mismatch, $"{unit}: the lease is that of {lease.Unit}, another unit");

    private static Failure? Refuse(UnitMetadata? before, PutOptions options) =>
        options.Lease?.Refuse()
        ?? (options.Expected is { } expected && expected != (before?.Newest?.Number ?? 0)
            ? new Failure(FailureKind.Mismatch, $"the newest version is {before?.Newest?.Number ?? 0}, and {expected} was expected: another writer put one meanwhile")
            : null);

    /// <summary>A value that is on n - f clouds.</summary>
    private sealed record SentValue(ValueUpload Upload, ValueKey Key, ValueDescriptor Descriptor, UploadJournal? Journal, UploadPace Pace) : IDisposable
    {
        public void Dispose()
        {
            Upload.Dispose();
            Key.Dispose();
        }
    }
}
