using System.Runtime.CompilerServices;

namespace Culvert.Stages;

/// <content>
/// How pages leave for outside and come back, within a budget. Every frame belongs to the live directory; a version refers to the
/// same frame as the live table does, as long as neither changed, or to a slot. What versions refer to is changed under the
/// budget's gate, since other threads read them.
/// </content>
public sealed unsafe partial class StateTable
{
    private StatePageReader? _reader;

    /// <summary>Whether the page where a hash belongs lies in a frame.</summary>
    internal bool IsAt(ulong hash, byte* frame)
    {
        if (_directory.Length == 0)
        {
            return false;
        }

        ulong reference = _directory[hash >> (64 - _globalDepth)];
        return !IsOut(reference) && Page(reference) == frame;
    }

    internal bool IsIdle(ulong hash) => (_directory[hash >> (64 - _globalDepth)] & IdleBit) != 0;

    /// <summary>Makes the next use of the page where a hash belongs come by <see cref="Fetch"/>.</summary>
    internal void MarkIdle(ulong hash) =>
        Refer(hash, (_directory[hash >> (64 - _globalDepth)] | IdleBit) & ~WritableBit);

    /// <summary>Puts the page where a hash belongs outside, unless it is there unchanged, and returns its frame. The gate is held.</summary>
    internal byte* Evict(ulong hash)
    {
        ulong reference = _directory[hash >> (64 - _globalDepth)];
        byte* page = Page(reference);
        int depth = Depth(reference);
        int slot = StatePageLayout.OutsideSlot(page) - 1;
        if (slot < 0)
        {
            slot = _budget!.WritePage(_pages.Table, page);
        }

        if ((reference & OwnedBit) == 0)
        {
            ReferVersions(hash, page, OutReference(slot, depth));
        }

        Refer(hash, OutReference(slot, depth) | (reference & OwnedBit));
        return page;
    }

    /// <summary>
    /// Goes on from a hash to a page that was idle since the last time, and evicts it; marks those on the way idle. False when
    /// the directory ends before; the hash is 0 where it ends right behind the page. The gate is held.
    /// </summary>
    internal bool TryEvictFrom(ref ulong hash, byte* kept, out byte* frame)
    {
        frame = null;
        ulong at = _directory.Length == 0 ? 0 : hash >> (64 - _globalDepth);
        while (at < (ulong)_directory.Length)
        {
            ulong reference = _directory[at];
            ulong first = at << (64 - _globalDepth);
            at = (at | (Span(reference) - 1)) + 1;
            if (IsOut(reference) || Page(reference) == kept)
            {
                continue;
            }

            if ((reference & IdleBit) == 0)
            {
                MarkIdle(first);
                continue;
            }

            frame = Evict(first);
            hash = at == (ulong)_directory.Length ? 0 : at << (64 - _globalDepth);
            return true;
        }

        return false;
    }

    /// <summary>Evicts every page whose frame lies between two addresses. The gate is held.</summary>
    internal void EvictWithin(byte* low, byte* high)
    {
        for (ulong at = 0; at < (ulong)_directory.Length; at += Span(_directory[at]))
        {
            ulong reference = _directory[at];
            if (!IsOut(reference) && Page(reference) >= low && Page(reference) < high)
            {
                _budget!.FreeFrame(Evict(at << (64 - _globalDepth)));
            }
        }
    }

    private static ulong OutReference(int slot, int depth) =>
        ((ulong)slot << PageShift) | OutBit | ((ulong)depth << DepthShift);

    /// <summary>A page that is idle or outside, ready to be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong Fetch(ulong reference, ulong hash)
    {
        if (IsVacant(reference))
        {
            Occupy(_budget!, reference, hash);
            return _directory[hash >> (64 - _globalDepth)];
        }

        if (!IsOut(reference))
        {
            bool isWritable = (reference & OwnedBit) != 0 && StatePageLayout.OutsideSlot(Page(reference)) == 0;
            reference = (reference & ~IdleBit) | (isWritable ? WritableBit : 0);
            Refer(hash, reference);
            return reference;
        }

        StateBudget budget = _budget!;
        lock (budget.Gate)
        {
            budget.MakeRoom(0);
            byte* frame = budget.TakeFrame(null);
            try
            {
                budget.ReadPage(_pages.Table, Slot(reference), frame);
            }
            catch
            {
                budget.FreeFrame(frame);
                throw;
            }

            StatePageLayout.OutsideSlot(frame) = Slot(reference) + 1;
            reference = (Reference(frame, Depth(reference)) & ~(WritableBit | OwnedBit)) | (reference & OwnedBit);
            Refer(hash, reference);
            budget.Admit(this, hash, frame);
        }

        return reference;
    }

    /// <summary>Gives a vacant page a frame, empty.</summary>
    private byte* Occupy(StateBudget budget, ulong reference, ulong hash)
    {
        lock (budget.Gate)
        {
            budget.MakeRoom(0);
            byte* page = budget.TakeFrame(null);
            StatePageLayout.Stamp(page) = (ulong)Slot(reference) + 1;
            _layout.Reset(page);
            Refer(hash, Reference(page, Depth(reference)) & ~(WritableBit | OwnedBit));
            budget.Admit(this, hash, page);
            return page;
        }
    }

    private void Admit(ulong hash, byte* page)
    {
        if (_budget is { } budget)
        {
            lock (budget.Gate)
            {
                budget.Admit(this, hash, page);
            }
        }
    }

    private ulong MakeWritableWithin(StateBudget budget, ulong reference, ulong hash)
    {
        if ((reference & (OutBit | IdleBit)) != 0)
        {
            reference = Fetch(reference, hash);
            if ((reference & WritableBit) != 0)
            {
                return reference;
            }
        }

        byte* page = Page(reference);
        _pages.Reclaim();
        lock (budget.Gate)
        {
            bool wasOwned = (reference & OwnedBit) != 0;
            if (!wasOwned)
            {
                // In place of a copy for the versions: they find it outside, and no frame is held for them alone.
                LeaveToVersions(budget, hash, page, Depth(reference));
            }

            int slot = StatePageLayout.OutsideSlot(page) - 1;
            if (slot >= 0)
            {
                StatePageLayout.OutsideSlot(page) = 0;
                GiveBackSlot(budget, hash, slot);
            }

            if (!wasOwned)
            {
                StatePageLayout.Stamp(page) = ++_stamps;
            }
        }

        ulong writable = Reference(page, Depth(reference));
        Refer(hash, writable);
        return writable;
    }

    /// <summary>Has versions that refer to a page's frame refer to its slot, into which it is sealed if need be. The gate is held.</summary>
    private void LeaveToVersions(StateBudget budget, ulong hash, byte* page, int depth)
    {
        if (!_pages.HasVersions)
        {
            return;
        }

        bool isNeeded = false;
        foreach (StateVersion version in _pages.Versions)
        {
            isNeeded |= version.RefersTo(hash, page);
        }

        if (isNeeded)
        {
            ref int slot = ref StatePageLayout.OutsideSlot(page);
            if (slot == 0)
            {
                slot = budget.WritePage(_pages.Table, page) + 1;
            }

            ReferVersions(hash, page, OutReference(slot - 1, depth));
        }
    }

    private void ReferVersions(ulong hash, byte* page, ulong reference)
    {
        foreach (StateVersion version in _pages.Versions)
        {
            if (version.RefersTo(hash, page))
            {
                version.Refer(hash, reference);
            }
        }
    }

    /// <summary>The live table does not need a slot any more: it is free, or retired if a version needs it. The gate is held.</summary>
    private void GiveBackSlot(StateBudget budget, ulong hash, int slot)
    {
        if (_pages.HasVersions)
        {
            foreach (StateVersion version in _pages.Versions)
            {
                if (version.RefersTo(hash, slot))
                {
                    _pages.Retire((byte*)slot, 0);
                    return;
                }
            }
        }

        budget.FreeSlots(slot);
    }

    /// <summary>Gives up the page at a place of the directory.</summary>
    private void GiveBackWithin(StateBudget budget, ulong at)
    {
        ulong reference = _directory[at];
        ulong hash = at << (64 - _globalDepth);
        if (IsVacant(reference))
        {
            return;
        }

        lock (budget.Gate)
        {
            if (IsOut(reference))
            {
                if (budget.Record(Slot(reference)).HasBlobs)
                {
                    RetireBlobs(Reader(budget).Read(in _directory[at]));
                }

                GiveBackSlot(budget, hash, Slot(reference));
                return;
            }

            byte* page = Page(reference);
            if (StatePageLayout.BlobBytes(page) > 0)
            {
                RetireBlobs(page);
            }

            LeaveToVersions(budget, hash, page, Depth(reference));
            if (StatePageLayout.OutsideSlot(page) is var slot && slot > 0)
            {
                GiveBackSlot(budget, hash, slot - 1);
            }

            budget.FreeFrame(page);
        }
    }

    private void GiveBackToBudget(StateBudget budget)
    {
        budget.Remove(this);
        try
        {
            GiveBackPages();
        }
        catch (StateIntegrityException)
        {
            // Only large values are lost sight of, whose slots go with the budget: this partition has stopped or is about to.
        }

        _reader?.Dispose();
        _pages.Count(-_directory.Length * sizeof(ulong));
    }

    private StatePageReader Reader(StateBudget budget) => _reader ??= new StatePageReader(_layout, _pages.Table, budget);

    /// <summary>A large value, which lies outside always.</summary>
    private ReadOnlySpan<byte> ReadBlob(byte* entry) => Reader(_budget!).Value(entry);
}
