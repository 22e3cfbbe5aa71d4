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
    private readonly int _globalDepth;
    private int _released;

    internal StateVersion(
        StateTable origin,
        in StatePageLayout layout,
        StatePages pages,
        ulong[] directory,
        int globalDepth,
        long count,
        long pageCount,
        long number)
    {
        Origin = origin;
        _layout = layout;
        _pages = pages;
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
        return new StateEnumerator(_layout, Directory, _globalDepth);
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

        ulong reference = Directory[at];
        int depth = StateTable.Depth(reference);
        page = new StatePageName(at, depth, StatePageLayout.Stamp(StateTable.Page(reference)));
        at += 1 << (_globalDepth - depth);
        return true;
    }

    /// <summary>Writes the entries of a page as snapshots store them.</summary>
    internal void EncodePage(StatePageName page, ArrayBufferWriter<byte> writer)
    {
        Span<ulong> hashes = stackalloc ulong[_layout.EntriesMax];
        Span<ushort> offsets = stackalloc ushort[_layout.EntriesMax];
        StatePageCodec.Encode(_layout, StateTable.Page(Directory[page.At]), hashes, offsets, writer);
    }

    /// <summary>Lets go of the pages.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _pages.Release();
        }
    }
}
