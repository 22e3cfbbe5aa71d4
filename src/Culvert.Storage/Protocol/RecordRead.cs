namespace Culvert.Storage;

/// <summary>What reading a unit's metadata gave.</summary>
/// <param name="Succeeded">Enough clouds answered.</param>
/// <param name="Newest">The newest record; null when the unit was never there.</param>
/// <param name="BySlot">The newest that each cloud gave; null where it gave none.</param>
internal sealed record RecordReading(bool Succeeded, UnitMetadata? Newest, IReadOnlyList<UnitMetadata?> BySlot);

/// <summary>
/// Reads a unit's newest metadata (docs/specs/unit.md, Protocol; DepSky, algorithm 2): of n - f clouds that answer, and of what this
/// client has seen, the newest that is correctly signed. Clouds that answer with what nobody signed are waited past as long as
/// others may still answer.
/// </summary>
internal sealed class RecordRead : ProtocolCore<RecordReading>
{
    /// <summary>How many listed records of a cloud are tried, newest first, when they turn out to be forged: more only help a cloud to waste time.</summary>
    private const int TriesMax = 3;

    private const int LikelyBytes = 4096;

    private readonly UnitName _unit;
    private readonly Func<ReadOnlyMemory<byte>, Outcome<UnitMetadata>> _read;
    private readonly UnitMetadata? _remembered;
    private readonly SlotState[] _slots;

    /// <param name="quorum">How many clouds it takes.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="remembered">The newest record that this client has seen; or null.</param>
    /// <param name="read">Reads and verifies a record.</param>
    internal RecordRead(Quorum quorum, UnitName unit, UnitMetadata? remembered, Func<ReadOnlyMemory<byte>, Outcome<UnitMetadata>> read)
        : base(quorum)
    {
        (_unit, _remembered, _read) = (unit, remembered, read);
        _slots = [.. Enumerable.Range(0, quorum.Clouds).Select(_ => new SlotState())];
    }

    internal override void Start()
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            int s = slot;
            Board.Get(s, UnitObjects.Head(_unit), LikelyBytes, UnitLimits.MetadataBytesMax, reply => TakeHead(s, reply));
            Board.List(s, UnitObjects.Records(_unit), reply => TakeList(s, reply));
        }
    }

    private void TakeHead(int slot, CloudReply reply)
    {
        SlotState state = _slots[slot];
        state.HasHead = true;
        if (reply.Succeeded)
        {
            state.Best = Check(slot, UnitObjects.Head(_unit), reply.Bytes, null);
        }
        else if (reply.IsTooLong)
        {
            Forged(slot, new CloudCharge(slot, ChargeKind.Forged, UnitObjects.Head(_unit), reply.Failure!.Message, reply.Bytes));
        }
        else if (reply.Failure!.Kind == CloudFailureKind.Malformed)
        {
            state.IsForged = true;
            Reports.Fail(slot, reply.Failure);
        }

        GoOn(slot);
    }

    private void Forged(int slot, CloudCharge charge)
    {
        _slots[slot].IsForged = true;
        Reports.Charge(charge);
    }

    private void TakeList(int slot, CloudReply reply)
    {
        SlotState state = _slots[slot];
        if (!reply.Succeeded)
        {
            Reports.Fail(slot, reply.Failure!);
            state.Status = SlotStatus.Failed;
            Decide();
            return;
        }

        string prefix = UnitObjects.Records(_unit);
        state.Listed = [.. reply.Listing!.Entries.Select(entry => UnitObjects.Number(entry.Name, prefix)).OfType<long>().Distinct().OrderDescending().Take(TriesMax)];
        GoOn(slot);
    }

    private void GoOn(int slot)
    {
        SlotState state = _slots[slot];
        if (!state.HasHead || state.Listed is null || state.Status != SlotStatus.Waiting)
        {
            return;
        }

        if (state.Tried < state.Listed.Length && state.Listed[state.Tried] > (state.Best?.Counter ?? 0))
        {
            long counter = state.Listed[state.Tried++];
            string name = UnitObjects.Record(_unit, counter);
            Board.Get(slot, name, LikelyBytes, UnitLimits.MetadataBytesMax, reply => TakeRecord(slot, counter, name, reply));
            return;
        }

        state.Status = state.IsForged ? SlotStatus.Forged : SlotStatus.Sound;
        Decide();
    }

    private void TakeRecord(int slot, long counter, string name, CloudReply reply)
    {
        SlotState state = _slots[slot];
        if (reply.Succeeded)
        {
            if (Check(slot, name, reply.Bytes, counter) is { } record)
            {
                state.Best = record;
                state.Tried = state.Listed!.Length;
            }
        }
        else if (reply.IsTooLong)
        {
            Forged(slot, new CloudCharge(slot, ChargeKind.Forged, name, reply.Failure!.Message, reply.Bytes));
        }
        else if (reply.IsAbsent || reply.Failure!.Kind == CloudFailureKind.Malformed)
        {
            // Collected between list and get, or never there: one of the others tells.
            state.IsForged = true;
            Reports.Fail(slot, $"it lists {name}, and does not give it");
        }
        else
        {
            Reports.Fail(slot, reply.Failure);
            state.Status = SlotStatus.Failed;
            Decide();
            return;
        }

        GoOn(slot);
    }

    private UnitMetadata? Check(int slot, string name, ReadOnlyMemory<byte> bytes, long? counter)
    {
        Outcome<UnitMetadata> record = _read(bytes);
        if (record.Succeeded && record.Value.Unit.Equals(_unit) && (counter is null || record.Value.Counter == counter))
        {
            return record.Value;
        }

        Failure why = record.Failure ?? new Failure(FailureKind.Mismatch, "it is the metadata of another unit or counter");
        Forged(slot, CloudCharge.OfRefused(slot, name, why, bytes));
        return null;
    }

    private void Decide()
    {
        if (Result is not null)
        {
            return;
        }

        int sound = _slots.Count(slot => slot.Status == SlotStatus.Sound);
        int answered = sound + _slots.Count(slot => slot.Status == SlotStatus.Forged);
        bool allEnded = _slots.All(slot => slot.Status != SlotStatus.Waiting);
        if (sound >= Quorum.Enough || (allEnded && answered >= Quorum.Enough))
        {
            Finish(new RecordReading(true, Newest(), [.. _slots.Select(slot => slot.Best)]));
        }
        else if (allEnded)
        {
            Finish(new RecordReading(false, Newest(), [.. _slots.Select(slot => slot.Best)]));
        }

        if (Result is not null)
        {
            Board.CancelAll();
        }
    }

    private UnitMetadata? Newest()
    {
        List<UnitMetadata> all = [.. _slots.Select(slot => slot.Best).OfType<UnitMetadata>()];
        if (_remembered is not null)
        {
            all.Add(_remembered);
        }

        if (all.Count == 0)
        {
            return null;
        }

        // Two writers' records of one counter: the one that is complete, if either is, is at f + 1 of those that answered.
        long counter = all.Max(record => record.Counter);
        return all.Where(record => record.Counter == counter)
            .OrderByDescending(record => _slots.Count(slot => slot.Best?.Version == record.Version) >= Quorum.OneCorrect)
            .ThenByDescending(record => record.Version)
            .First();
    }

    private enum SlotStatus
    {
        Waiting,
        Sound,
        Forged,
        Failed,
    }

    private sealed class SlotState
    {
        internal SlotStatus Status { get; set; }

        internal bool HasHead { get; set; }

        internal bool IsForged { get; set; }

        internal long[]? Listed { get; set; }

        internal int Tried { get; set; }

        internal UnitMetadata? Best { get; set; }
    }
}
