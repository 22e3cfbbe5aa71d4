namespace Culvert.Storage;

/// <summary>
/// Moves a store off one cloud onto another. Every kept version of every unit gets a new key and new blocks on the new clouds, since
/// the departed cloud may keep what it had for ever; then the new configuration is published, and what was written meanwhile
/// is moved too. Can be begun again when it was cut short. Only the owner can. Writers should rest meanwhile.
/// </summary>
internal sealed class CloudReplacement(StoreContext context, UnitRecords records, UnitLists lists, StoreView next)
{
    /// <summary>How often units that were written meanwhile are looked for.</summary>
    private const int PassesMax = 5;

    // Values under old keys, which go when the new configuration is in use: until then a writer who has not heard of it may still
    // build on the record that names them.
    private readonly List<(UnitName Unit, IReadOnlyList<KeptVersion> Versions)> _old = [];

    /// <summary>Tells how many units were moved, and which clouds lack the new configuration.</summary>
    internal async ValueTask<Outcome<MoveReport>> RunAsync(Action<string>? progress, CancellationToken cancellationToken)
    {
        HashSet<string> moved = [];
        if (await PassAsync(moved, progress, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        Outcome<string[]> published = await context.PublishAsync(next, cancellationToken).ConfigureAwait(false);
        if (!published.Succeeded)
        {
            return published.Failure;
        }

        Outcome<int> late = await FinishAsync(progress, cancellationToken).ConfigureAwait(false);
        return late.Succeeded ? new MoveReport(moved.Count + late.Value, published.Value) : late.Failure;
    }

    /// <summary>Moves what was written meanwhile, once the new configuration is in use, and tells how many units that were.</summary>
    internal async ValueTask<Outcome<int>> FinishAsync(Action<string>? progress, CancellationToken cancellationToken)
    {
        HashSet<string> moved = [];
        for (int pass = 0; pass < PassesMax; pass++)
        {
            int before = moved.Count;
            if (await PassAsync(moved, progress, cancellationToken).ConfigureAwait(false) is { } late)
            {
                return late;
            }

            if (moved.Count == before)
            {
                break;
            }
        }

        await RemoveOldAsync(cancellationToken).ConfigureAwait(false);
        return moved.Count;
    }

    private async ValueTask RemoveOldAsync(CancellationToken cancellationToken)
    {
        foreach ((UnitName unit, IReadOnlyList<KeptVersion> versions) in _old)
        {
            Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
            if (reading.Succeeded && reading.Value.Newest is { } newest && newest.Configuration >= next.Configuration.Number)
            {
                KeptVersion[] gone = [.. versions.Where(version => newest.Versions.All(kept => kept.Value != version.Value))];
                await records.RemoveDroppedAsync(next, newest, gone, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<Failure?> PassAsync(HashSet<string> moved, Action<string>? progress, CancellationToken cancellationToken)
    {
        Outcome<List<UnitName>> units = await lists.ListAsync("", cancellationToken).ConfigureAwait(false);
        Outcome<List<UnitName>> removed = await lists.RemovedAsync(cancellationToken).ConfigureAwait(false);
        Outcome<List<UnitName>> recorded = await new RecordedUnits(context).ListAsync(cancellationToken).ConfigureAwait(false);
        if (!units.Succeeded || !removed.Succeeded || !recorded.Succeeded)
        {
            return units.Failure ?? removed.Failure ?? recorded.Failure;
        }

        foreach (UnitName unit in units.Value.Concat(removed.Value).Concat(recorded.Value).Distinct())
        {
            Outcome<bool> done = await MoveAsync(unit, cancellationToken).ConfigureAwait(false);
            if (!done.Succeeded)
            {
                return done.Failure;
            }

            if (done.Value)
            {
                moved.Add(unit.Text);
                progress?.Invoke(unit.Text);
            }
        }

        return null;
    }

    /// <summary>Moves a unit under its lease, so that nobody who has one takes its new blocks for what an upload left; false when it was moved already.</summary>
    private async ValueTask<Outcome<bool>> MoveAsync(UnitName unit, CancellationToken cancellationToken)
    {
        Outcome<RecordReading> looked = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (!looked.Succeeded)
        {
            return looked.Failure;
        }

        if (looked.Value.Newest is not { } found || found.Configuration >= next.Configuration.Number)
        {
            return false;
        }

        Outcome<UnitLease> lease = await UnitLease.TryTakeAsync(context, unit, cancellationToken).ConfigureAwait(false);
        if (!lease.Succeeded)
        {
            return lease.Failure;
        }

        try
        {
            return await MoveHeldAsync(unit, lease.Value, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await lease.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<Outcome<bool>> MoveHeldAsync(UnitName unit, UnitLease lease, CancellationToken cancellationToken)
    {
        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (!reading.Succeeded)
        {
            return reading.Failure;
        }

        if (reading.Value.Newest is not { } newest || newest.Configuration >= next.Configuration.Number)
        {
            return false;
        }

        List<ValueDescriptor> descriptors = [];
        SlotProgress progress = new(next.Quorum.Clouds);
        foreach (KeptVersion version in newest.Versions)
        {
            Outcome<ValueDescriptor> sent = await ResendAsync(newest, version, progress, cancellationToken).ConfigureAwait(false);
            if (!sent.Succeeded)
            {
                return sent.Failure;
            }

            descriptors.Add(sent.Value);
        }

        RecordTerms terms = new(progress, IsLocked: true, now => now?.Version == newest.Version ? lease.Refuse() : new Failure(
            FailureKind.Mismatch, $"{unit}: it was written while it was moved; begin again"));
        Outcome<RecordStep> step = await records.AddAsync(
            next, unit, Task.FromResult(reading),
            (maker, before) => before!.IsTombstone ? RecordChain.Remove(maker, before) : RecordChain.Rekey(maker, before, descriptors),
            terms, cancellationToken).ConfigureAwait(false);
        if (!step.Succeeded)
        {
            return step.Failure;
        }

        _old.Add((unit, step.Value.Dropped));
        return true;
    }

    /// <summary>Reads a version by the old configuration, and stores it by the new one under a new key.</summary>
    private async ValueTask<Outcome<ValueDescriptor>> ResendAsync(
        UnitMetadata record, KeptVersion version, SlotProgress progress, CancellationToken cancellationToken)
    {
        Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, record, version, cancellationToken).ConfigureAwait(false);
        if (!opened.Succeeded)
        {
            return opened.Failure;
        }

        using ValueDownload download = opened.Value;
        ValueSettings settings = ValueSettings.Of(download.Descriptor);
        byte[] material = new byte[ValueKey.MaterialBytes(settings.KeyMode, next.Quorum)];
        context.Entropy.Fill(material);
        using ValueKey key = ValueKey.Of(ValueId.Random(context.Entropy), settings.KeyMode, next.Quorum, material);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(material);
        using ValueUpload upload = new(context, next, record.Unit, settings, key, null);
        byte[] plain = new byte[Math.Min(settings.ChunkBytes, download.Descriptor.ValueBytes)];
        for (int chunk = 0; chunk < download.Descriptor.Chunks; chunk++)
        {
            Outcome<FittingBlock[]> blocks = await download.FetchAsync(chunk, cancellationToken).ConfigureAwait(false);
            Outcome<int> decoded = blocks.Succeeded ? await download.DecodeAsync(chunk, blocks.Value, plain, cancellationToken).ConfigureAwait(false) : blocks.Failure;
            if (!decoded.Succeeded)
            {
                return decoded.Failure;
            }

            if (await upload.AddAsync(plain.AsMemory(0, decoded.Value), cancellationToken).ConfigureAwait(false) is { } failure)
            {
                return failure;
            }
        }

        Outcome<ValueDescriptor> sent = await upload.EndAsync(download.Descriptor.ValueBytes, cancellationToken).ConfigureAwait(false);
        context.Background.Add(upload.FinishedAsync());
        if (!sent.Succeeded || version.Number == record.Newest!.Number)
        {
            return sent;
        }

        CloudObject[] item = [new(UnitObjects.Descriptor(record.Unit, sent.Value.Value), sent.Value.Bytes)];
        QuorumPut core = new(next.Quorum, _ => item) { SlotBegun = progress.Begun, SlotEnded = progress.Ended };
        (Task<PutResult> result, Completion finished) = next.Shell.Write(core);
        context.Background.Add(finished.WaitAsync());
        return (await result.ConfigureAwait(false)).Succeeded
            ? sent
            : new Failure(FailureKind.Io, $"{record.Unit}: too few clouds took a descriptor ({core.Reports.Text(next.NameOf)})");
    }
}

/// <summary>What moving a store did.</summary>
/// <param name="Units">Units that were moved.</param>
/// <param name="Behind">Clouds that lack the new configuration.</param>
internal sealed record MoveReport(int Units, IReadOnlyList<string> Behind);
