using System.Buffers;

namespace Culvert.Stages;

/// <summary>
/// The entries of a <see cref="StateTable"/> as they were when it was frozen. Read by one thread at a time, which may be
/// another than the table's owner, until it is disposed.
/// </summary>
public sealed unsafe class StateVersion : IDisposable
{
    private readonly StatePageLayout _layout;
    private readonly StatePages _pages;
    private readonly StateBudget? _budget;
    private readonly int _globalDepth;
    private StatePageReader? _reader;
    private int _released;

    internal StateVersion(
        StateTable origin,
        in StatePageLayout layout,
        StatePages pages,
        StateBudget? budget,
        ulong[] directory,
        int globalDepth,
        long count,
        long pageCount,
        long number)
    {
        Origin = origin;
        _layout = layout;
        _pages = pages;
        _budget = budget;
        Directory = directory;
        _globalDepth = globalDepth;
        Count = count;
        PageCount = pageCount;
        Number = number;
    }

    /// <summary>Bytes of every key, or 0 where they differ.</summary>
    public int KeySize => _layout.KeySize;

    /// <summary>Bytes of every value, or 0 where they differ.</summary>
    public int ValueSize => _layout.ValueSize;

    /// <summary>Entries.</summary>
    public long Count { get; }

    /// <summary>Pages.</summary>
    public long PageCount { get; }

    /// <summary>The table this is a version of; only compared, since it goes on.</summary>
    internal StateTable Origin { get; }

    /// <summary>The place among the table's versions, from 1.</summary>
    internal long Number { get; }

    /// <summary>Its pages; the table's again once it is released.</summary>
    internal ulong[] Directory { get; }

    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>The entries, ordered by hash and, where hashes are equal, by key.</summary>
    public StateEnumerator GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(IsReleased, this);
        return new StateEnumerator(NewReader(), Directory, _globalDepth);
    }

    /// <summary>
    /// Goes to the next page; <paramref name="at"/> starts at 0. A stamp names a page's content among all that the table
    /// ever has: equal stamps of one table, equal content.
    /// </summary>
    internal bool TryNextPage(ref int at, out StatePageName page)
    {
        if (at >= Directory.Length)
        {
            page = default;
            return false;
        }

        int depth = StateTable.Depth(Directory[at]);
        page = new StatePageName(at, depth, (_reader ??= NewReader()).Stamp(in Directory[at]));
        at += 1 << (_globalDepth - depth);
        return true;
    }

    /// <summary>Writes the entries of a page as snapshots store them.</summary>
    internal void EncodePage(StatePageName page, ArrayBufferWriter<byte> writer)
    {
        Span<ulong> hashes = stackalloc ulong[_layout.EntriesMax];
        Span<ushort> offsets = stackalloc ushort[_layout.EntriesMax];
        _reader ??= NewReader();
        StatePageCodec.Encode(_reader, _reader.Read(in Directory[page.At]), hashes, offsets, writer);
    }

    /// <summary>Whether the page where a hash belongs lies in a frame, for this version. The budget's gate is held.</summary>
    internal bool RefersTo(ulong hash, byte* page) => !IsReleased
        && Directory[hash >> (64 - _globalDepth)] is var reference && !StateTable.IsOut(reference) && StateTable.Page(reference) == page;

    /// <summary>Whether the page where a hash belongs lies in a slot, for this version. The budget's gate is held.</summary>
    internal bool RefersTo(ulong hash, int slot) => !IsReleased
        && Directory[hash >> (64 - _globalDepth)] is var reference && StateTable.IsOut(reference) && !StateTable.IsVacant(reference)
        && StateTable.Slot(reference) == slot;

    /// <summary>The page where a hash belongs, unchanged, moved. The budget's gate is held.</summary>
    internal void Refer(ulong hash, ulong reference)
    {
        int depth = StateTable.Depth(reference);
        int first = (int)(hash >> (64 - depth) << (_globalDepth - depth));
        Directory.AsSpan(first, 1 << (_globalDepth - depth)).Fill(reference);
    }

    /// <summary>Lets go of the pages.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _reader?.Dispose();
            _pages.Release();
        }
    }

    private StatePageReader NewReader() => new(_layout, _pages.Table, _budget);
}
