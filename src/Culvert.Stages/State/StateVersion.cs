namespace Culvert.Stages;

/// <summary>
/// The entries of a <see cref="StateTable"/> as they were when it was frozen. Read by one thread at a time, which may be
/// another than the table's owner, until it is disposed.
/// </summary>
public sealed unsafe class StateVersion : IDisposable
{
    private readonly StatePageLayout _layout;
    private readonly StatePages _pages;
    private readonly ulong[] _directory;
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
        _directory = directory;
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

    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>The entries, ordered by hash and, where hashes are equal, by key.</summary>
    public StateEnumerator GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(IsReleased, this);
        return new StateEnumerator(_layout, _directory, _globalDepth);
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
