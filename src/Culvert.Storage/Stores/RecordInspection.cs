namespace Culvert.Storage;

/// <summary>
/// Follows a unit's chain of records from the newest one back to the oldest that is kept, at every cloud: each has the digest of the one
/// before. One record at a time, so that memory is bounded. Not for several units at once.
/// </summary>
internal sealed class RecordInspection(Inspection inspection, UnitMetadata newest)
{
    /// <summary>How many records that nobody signed are looked at of one cloud: it can list any number.</summary>
    private const int PlantedMax = 64;

    private readonly StoreView _view = inspection.View;
    private readonly UnitName _unit = newest.Unit;
    private readonly List<Orphan> _strays = [];
    private readonly int[] _planted = new int[inspection.View.Quorum.Clouds];
    private readonly HashSet<long> _followed = [];

    /// <summary>A record that is newer than the newest that was known: its writer died, or is at work.</summary>
    internal UnitMetadata? Newer { get; private set; }

    /// <summary>Where the chain breaks off, in words.</summary>
    internal string? Gap { get; private set; }

    /// <summary>Signed records that are not in the chain.</summary>
    internal IReadOnlyList<Orphan> Strays => _strays;

    /// <summary>Whether n - f clouds have the newest record: only then does what it does not name go.</summary>
    internal bool IsComplete { get; private set; }

    /// <param name="listed">The counters that each cloud lists; empty for one that does not answer.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    internal async ValueTask InspectAsync(IReadOnlyList<IReadOnlySet<long>> listed, CancellationToken cancellationToken)
    {
        long[] counters = [.. listed.SelectMany(counters => counters).Append(newest.Counter).Where(counter => counter >= newest.OldestCounter).Distinct().OrderDescending()];
        ContentDigest expected = newest.Version.Digest;
        long last = 0;
        foreach (long counter in counters)
        {
            UnitMetadata? found = await LookAsync(counter, expected, [.. Slots(listed, counter)], cancellationToken).ConfigureAwait(false);
            if (Newer is not null)
            {
                return;
            }

            if (found is not null)
            {
                (expected, last) = (found.Previous, counter);
            }
        }

        if (last > newest.OldestCounter && expected != default)
        {
            Gap = $"no cloud has the record before number {last}, whose digest it holds";
        }

        string copy = newest.IsTombstone ? UnitObjects.Tombstone(_unit) : UnitObjects.Head(_unit);
        Survey copies = await inspection.SurveyAsync(BlockWish.OneOf(copy, UnitLimits.MetadataBytesMax, IsNewest), null, cancellationToken).ConfigureAwait(false);
        if (Newer is not null)
        {
            return;
        }

        await inspection.JudgeAsync(copy, copies, _ => newest.Bytes, KindOfHead, cancellationToken).ConfigureAwait(false);
        await HoldersAsync(cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<int> Slots(IReadOnlyList<IReadOnlySet<long>> listed, long counter)
    {
        IEnumerable<int> all = Enumerable.Range(0, listed.Count);
        int[] have = [.. all.Where(slot => listed[slot].Contains(counter))];

        // What f + 1 clouds list is there, and has to be everywhere; what fewer list may be invented.
        return counter == newest.Counter || have.Length >= _view.Quorum.OneCorrect ? all : have.Where(slot => _planted[slot] < PlantedMax);
    }

    /// <summary>Looks at the records of one counter; gives the one whose digest the record behind it holds.</summary>
    private async ValueTask<UnitMetadata?> LookAsync(long counter, ContentDigest expected, int[] slots, CancellationToken cancellationToken)
    {
        string name = UnitObjects.Record(_unit, counter);
        Survey survey = await inspection.SurveyAsync(BlockWish.OneOf(name, UnitLimits.MetadataBytesMax, FitsChain), slots, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte>? right = counter == newest.Counter ? newest.Bytes : survey.Answers.FirstOrDefault(answer => answer.Fitting is not null)?.Fitting;
        NoteStrays(counter, name, survey, expected);
        if (counter == newest.Counter)
        {
            IsComplete = survey.Answers.Count(answer => answer.Fitting is not null) >= _view.Quorum.Enough;
        }

        if (right is not { } bytes)
        {
            for (int slot = 0; slot < survey.Answers.Count; slot++)
            {
                SurveyAnswer answer = survey.Answers[slot];
                if (answer.Charge == ChargeKind.Altered && KindAt(counter, answer.Held) is { } kind)
                {
                    _planted[slot]++;
                    await inspection.PlantedAsync(slot, name, answer, kind == ChargeKind.Altered ? ChargeKind.Forged : kind, cancellationToken).ConfigureAwait(false);
                }
            }

            return null;
        }

        if (slots.Length < survey.Answers.Count)
        {
            survey = await inspection.SurveyAsync(BlockWish.OneOf(name, UnitLimits.MetadataBytesMax, FitsChain), null, cancellationToken).ConfigureAwait(false);
        }

        _followed.Add(counter);
        await inspection.JudgeAsync(name, survey, _ => right, held => KindAt(counter, held), cancellationToken).ConfigureAwait(false);
        return counter == newest.Counter ? newest : _view.ReadRecord(bytes).Value;

        string? FitsChain(ReadOnlyMemory<byte> held)
        {
            Outcome<UnitMetadata> record = _view.ReadRecord(held);
            return !record.Succeeded ? record.Failure.Message
                : !record.Value.Unit.Equals(_unit) || record.Value.Counter != counter ? "it is the metadata of another unit or counter"
                : record.Value.Version.Digest != expected ? "it is another writer's record of the same number, and not the one that the next record names"
                : null;
        }
    }

    /// <summary>Signed records of a counter that are not the chain's: newer ones, and those that lost.</summary>
    private void NoteStrays(long counter, string name, Survey survey, ContentDigest expected)
    {
        List<(int Slot, UnitMetadata Record)> others = [];
        for (int slot = 0; slot < survey.Answers.Count; slot++)
        {
            if (survey.Answers[slot].Charge == ChargeKind.Altered && _view.ReadRecord(survey.Answers[slot].Held) is { Succeeded: true, Value: var record }
                && record.Unit.Equals(_unit) && record.Counter == counter)
            {
                others.Add((slot, record));
            }
        }

        foreach (IGrouping<RecordVersion, (int Slot, UnitMetadata Record)> other in others.GroupBy(one => one.Record.Version))
        {
            if (counter > newest.Counter)
            {
                Newer = other.First().Record;
                return;
            }

            bool isFork = others.Any(one => one.Record.Version.Writer == other.Key.Writer && one.Record.Version != other.Key)
                || (survey.Answers.FirstOrDefault(answer => answer.Fitting is not null)?.Fitting is { } right
                    && _view.ReadRecord(right) is { Succeeded: true, Value: var chain } && chain.Version.Digest == expected && chain.Writer == other.Key.Writer);
            _strays.Add(new Orphan(
                OrphanKind.Record, name, [.. other.Select(one => _view.NameOf(one.Slot))], 1,
                isFork
                    ? $"a second record of one number by writer {other.Key.Writer}: two clients have its state folder, or it lies"
                    : $"a record of writer {other.Key.Writer}, which died or lost against another",
                IsRemoved: false));
        }
    }

    /// <summary>Records that hold descriptors, where the chain did not lead to them.</summary>
    private async ValueTask HoldersAsync(CancellationToken cancellationToken)
    {
        foreach (IGrouping<long, KeptVersion> held in newest.Versions.Where(version => version.Holder > 0 && !_followed.Contains(version.Holder)).GroupBy(version => version.Holder))
        {
            await inspection.CopiesAsync(
                UnitObjects.Record(_unit, held.Key), UnitLimits.MetadataBytesMax, null,
                bytes => _view.ReadRecord(bytes) is { Succeeded: true } record && record.Value.Unit.Equals(_unit)
                    && record.Value.Descriptor?.Digest == held.Last().Descriptor ? null : "it is not the record that the newest one names",
                bytes => KindAt(held.Key, bytes), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What a cloud is charged with that has such bytes in a record's place: nothing where another writer's record is there.</summary>
    private ChargeKind? KindAt(long counter, ReadOnlyMemory<byte> held)
    {
        Outcome<UnitMetadata> record = _view.ReadRecord(held);
        return !record.Succeeded ? SignedObject.IsOfUnknownSigner(record.Failure) ? ChargeKind.UnknownSigner : ChargeKind.Altered
            : record.Value.Unit.Equals(_unit) && record.Value.Counter == counter ? null
            : ChargeKind.Altered;
    }

    private string? IsNewest(ReadOnlyMemory<byte> bytes)
    {
        Outcome<UnitMetadata> record = _view.ReadRecord(bytes);
        if (!record.Succeeded || !record.Value.Unit.Equals(_unit))
        {
            return record.Failure?.Message ?? "it is the metadata of another unit";
        }

        if (record.Value.Counter > newest.Counter)
        {
            Newer = record.Value;
        }

        return record.Value.Version == newest.Version ? null : "it is not the newest record";
    }

    // An older head is no lie: it is a hint that follows when it can.
    private ChargeKind? KindOfHead(ReadOnlyMemory<byte> held)
    {
        Outcome<UnitMetadata> record = _view.ReadRecord(held);
        return !record.Succeeded ? SignedObject.IsOfUnknownSigner(record.Failure) ? ChargeKind.UnknownSigner : ChargeKind.Altered
            : record.Value.Unit.Equals(_unit) ? ChargeKind.Stale
            : ChargeKind.Altered;
    }
}
