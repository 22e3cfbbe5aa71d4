using System.Runtime.CompilerServices;

namespace Culvert.Stages;

/// <summary>
/// Reads pages of a table or of a version without making them resident: within a budget each is copied, or opened, into a buffer
/// of its own, so that a sweep over everything takes no frame and no page leaves under who reads it. Used by one thread.
/// </summary>
internal sealed unsafe class StatePageReader : IDisposable
{
    private readonly StatePageLayout _layout;
    private readonly long _table;
    private readonly StateBudget? _budget;
    private readonly StatePageCipher? _cipher;
    private readonly byte[] _staging = [];
    private readonly byte[] _page = [];
    private byte[] _blob = [];

    internal StatePageReader(in StatePageLayout layout, long table, StateBudget? budget)
    {
        _layout = layout;
        _table = table;
        _budget = budget;
        if (budget is not null)
        {
            _cipher = budget.NewCipher();
            _staging = GC.AllocateUninitializedArray<byte>(StateBudget.SlotBytes);
            _page = GC.AllocateUninitializedArray<byte>(layout.PageBytes, pinned: true);
        }
    }

    internal ref readonly StatePageLayout Layout => ref _layout;

    /// <summary>The page that a directory's entry refers to; valid until the next call. Without a budget it is the page itself.</summary>
    /// <exception cref="StateIntegrityException">It lies outside, and is not what was put there.</exception>
    internal byte* Read(ref readonly ulong entry)
    {
        if (_budget is null)
        {
            return StateTable.Page(entry);
        }

        byte* page = (byte*)Unsafe.AsPointer(ref _page[0]);
        ulong reference;
        StateSlot record;
        lock (_budget.Gate)
        {
            reference = entry;
            if (StateTable.IsVacant(reference))
            {
                StatePageLayout.Stamp(page) = (ulong)StateTable.Slot(reference) + 1;
                _layout.Reset(page);
                return page;
            }

            if (!StateTable.IsOut(reference))
            {
                Unsafe.CopyBlock(page, StateTable.Page(reference), (uint)_layout.PageBytes);
                return page;
            }

            record = _budget.Record(StateTable.Slot(reference));
        }

        // The slot stays as it is while the entry refers to it, so this needs no gate.
        _budget.Open(_cipher!, record, new StatePieceName(_table, StateTable.Slot(reference), IsBlob: false), _staging, _page);
        return page;
    }

    /// <summary>The stamp of a page, which is not opened for it.</summary>
    internal ulong Stamp(ref readonly ulong entry)
    {
        if (_budget is null)
        {
            return StatePageLayout.Stamp(StateTable.Page(entry));
        }

        lock (_budget.Gate)
        {
            ulong reference = entry;
            return StateTable.IsVacant(reference) ? (ulong)StateTable.Slot(reference) + 1
                : StateTable.IsOut(reference) ? _budget.Record(StateTable.Slot(reference)).Stamp
                : StatePageLayout.Stamp(StateTable.Page(reference));
        }
    }

    /// <summary>The value of an entry; a large one is valid until the next.</summary>
    internal ReadOnlySpan<byte> Value(byte* entry)
    {
        ReadOnlySpan<byte> value = _layout.Value(entry);
        if (_budget is null || !_layout.IsBlob(entry))
        {
            return value;
        }

        int length = value.Length;
        if (_blob.Length < length)
        {
            _budget.Count(length - _blob.Length);
            _blob = GC.AllocateUninitializedArray<byte>(length);
        }

        int slot = (int)(long)StatePageLayout.Blob(entry);
        for (int at = 0; at < length; at += _layout.PageBytes)
        {
            StateSlot record = _budget.Record(slot);
            _budget.Open(
                _cipher!,
                record,
                new StatePieceName(_table, slot, IsBlob: true),
                _staging,
                _blob.AsSpan(at, Math.Min(_layout.PageBytes, length - at)));
            slot = record.NextOfBlob;
        }

        return _blob.AsSpan(0, length);
    }

    public void Dispose()
    {
        _budget?.Count(-_blob.Length);
        _blob = [];
        _cipher?.Dispose();
    }
}
