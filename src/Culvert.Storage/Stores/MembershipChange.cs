using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>
/// Makes a configuration with other readers or writers the store's. Before it counts, the owner signs what a writer who goes has
/// signed last of each unit, since nobody will take his signature any more: so what he signs later cannot pass for earlier. The
/// newest sealed versions are wrapped for the new readers, which moves no block; older ones stay as they are. Only the owner can.
/// Writers should rest meanwhile: what a writer who goes puts between the last look and the new configuration counts for nobody.
/// </summary>
internal sealed class MembershipChange(StoreContext context, UnitRecords records, UnitLists lists, StoreView next)
{
    /// <summary>How often units that were written meanwhile are looked for.</summary>
    private const int PassesMax = 5;

    /// <summary>How often a unit is tried whose writers put records meanwhile.</summary>
    private const int TriesMax = 3;

    private readonly HashSet<string> _changed = [];
    private readonly SortedSet<string> _unopened = new(StringComparer.Ordinal);
    private readonly HashSet<UInt128> _readers = [.. next.Configuration.Readers.Select(reader => VerifyingKey.IdOf(reader.Bytes))];

    internal async ValueTask<Outcome<ShareReport>> RunAsync(Action<string>? progress, CancellationToken cancellationToken)
    {
        if (await SettleAsync(progress, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        Outcome<string[]> published = await context.PublishAsync(next, cancellationToken).ConfigureAwait(false);
        if (!published.Succeeded)
        {
            return published.Failure;
        }

        // Writers who stay may have put values for the former readers meanwhile.
        return await SettleAsync(progress, cancellationToken).ConfigureAwait(false) is { } late
            ? late
            : new ShareReport(_changed.Count, [.. _unopened], published.Value);
    }

    /// <summary>Passes over all units until one finds nothing to do.</summary>
    private async ValueTask<Failure?> SettleAsync(Action<string>? progress, CancellationToken cancellationToken)
    {
        for (int pass = 0; pass < PassesMax; pass++)
        {
            Outcome<List<UnitName>> units = await lists.ListAsync("", cancellationToken).ConfigureAwait(false);
            Outcome<List<UnitName>> removed = await lists.RemovedAsync(cancellationToken).ConfigureAwait(false);
            if (!units.Succeeded || !removed.Succeeded)
            {
                return units.Failure ?? removed.Failure;
            }

            bool hasChanged = false;
            foreach (UnitName unit in units.Value.Concat(removed.Value))
            {
                Outcome<bool> renewed = await RenewAsync(unit, cancellationToken).ConfigureAwait(false);
                if (!renewed.Succeeded)
                {
                    return renewed.Failure;
                }

                hasChanged |= renewed.Value;
                if (renewed.Value && _changed.Add(unit.Text))
                {
                    progress?.Invoke(unit.Text);
                }
            }

            if (!hasChanged)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Gives a unit a new record where it needs one; false when it does not.</summary>
    private async ValueTask<Outcome<bool>> RenewAsync(UnitName unit, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
            if (!reading.Succeeded)
            {
                return reading.Failure;
            }

            if (reading.Value.Newest is not { } newest)
            {
                return false;
            }

            ValueDescriptor? wrapped = Wrapped(newest);
            if (wrapped is null && next.Configuration.SignerOf(newest.Signer) is not null)
            {
                return false;
            }

            RecordTerms terms = new(new SlotProgress(next.Quorum.Clouds), IsLocked: true, now => now?.Version == newest.Version ? null : new Failure(
                FailureKind.Mismatch, $"{unit}: it was written meanwhile; begin again"));
            Outcome<RecordStep> step = await records.AddAsync(
                next, unit, Task.FromResult(reading),
                (maker, before) => before!.IsTombstone ? RecordChain.Remove(maker, before) : RecordChain.Adopt(maker, before, wrapped ?? before.Descriptor!),
                terms, cancellationToken).ConfigureAwait(false);
            if (step.Succeeded)
            {
                await records.RemoveDroppedAsync(next, step.Value.After!, step.Value.Dropped, cancellationToken).ConfigureAwait(false);
                return true;
            }

            if (step.Failure.Kind != FailureKind.Mismatch || tries == TriesMax)
            {
                return step.Failure;
            }
        }
    }

    /// <summary>The newest descriptor for the new readers; null where it is for them already, or nobody's, or cannot be opened.</summary>
    private ValueDescriptor? Wrapped(UnitMetadata newest)
    {
        if (newest.Descriptor is not { KeyMode: UnitKeyMode.Sealed } descriptor || _readers.SetEquals(descriptor.Wraps.Select(wrap => wrap.Reader)))
        {
            return null;
        }

        Outcome<Secret> opened = ValueKey.Unwrap(next.Configuration.Store, newest.Unit, descriptor, context.Keys.Reading);
        if (!opened.Succeeded)
        {
            _unopened.Add(newest.Unit.Text);
            return null;
        }

        using Secret secret = opened.Value;
        using ValueKey key = ValueKey.Of(descriptor.Value, UnitKeyMode.Sealed, next.Quorum, secret.Bytes);
        return descriptor.With(key.Wrap(next.Configuration.Store, next.Configuration.Readers, context.Entropy));
    }
}
