using System.Runtime.InteropServices;

namespace Culvert.Stages;

/// <summary>
/// The native memory of one table: pages cut from slabs, and blobs. What a version may still read is retired rather than
/// freed, and freed a little at a time once the version is released. Used by the table's owner only, except for
/// <see cref="Release"/>; memory goes back to the system when the table and all its
/// versions are disposed (no finalizer does it: it could run under a span that is still used).
/// Within a budget, pages lie in its frames and blobs in its slots, and what is retired are slots.
/// </summary>
internal sealed unsafe class StatePages(int pageBytes, StateBudget? budget = null)
{
    /// <summary>Pages per slab: 1 MiB at the default size. Untouched pages of a slab cost address space only.</summary>
    private const int SlabPages = 64;

    /// <summary>Retired pieces looked at per allocation: more than one, so that the queue drains, and few, so that no call is slow.</summary>
    private const int ReclaimedPerStepMax = 8;

    private readonly List<nint> _slabs = [];
    private readonly Stack<nint> _free = new();
    private readonly Queue<Retired> _retired = new();
    private readonly Queue<StateVersion> _versions = new();
    private readonly HashSet<nint> _blobs = [];
    private ulong[] _spareDirectory = [];
    private long _countedBytes;
    private int _slabNext = SlabPages;
    private int _references = 1;
    private long _freezes;

    /// <summary>Memory held for pages and blobs, in bytes; within a budget, that of blobs outside.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>True while a version that was taken is not released.</summary>
    internal bool HasVersions
    {
        get
        {
            while (_versions.TryPeek(out StateVersion? oldest) && oldest.IsReleased)
            {
                _versions.Dequeue();
                Count(-_spareDirectory.Length * sizeof(ulong));
                _spareDirectory = oldest.Directory;
            }

            return _versions.Count > 0;
        }
    }

    /// <summary>The budget's number for this table: a part of what its pieces outside are bound to.</summary>
    internal long Table { get; init; }

    /// <summary>Versions that may not be released yet, oldest first.</summary>
    internal Queue<StateVersion> Versions => _versions;

    /// <summary>A page with undefined contents. Within a budget others may leave for it, but not <paramref name="kept"/>.</summary>
    internal byte* Allocate(byte* kept = null)
    {
        Reclaim();
        if (budget is not null)
        {
            lock (budget.Gate)
            {
                return budget.TakeFrame(kept);
            }
        }

        if (_free.TryPop(out nint page))
        {
            return (byte*)page;
        }

        if (_slabNext == SlabPages)
        {
            _slabs.Add((nint)NativeMemory.AlignedAlloc((nuint)(SlabPages * pageBytes), (nuint)pageBytes));
            _slabNext = 0;
            SizeBytes += SlabPages * pageBytes;
        }

        return (byte*)_slabs[^1] + (pageBytes * _slabNext++);
    }

    /// <summary>A blob that holds a copy of <paramref name="content"/>; it is never written again.</summary>
    internal byte* AllocateBlob(ReadOnlySpan<byte> content)
    {
        Reclaim();
        if (budget is not null)
        {
            int slot = budget.WriteBlob(Table, content);
            SizeBytes += content.Length;
            return (byte*)slot;
        }

        byte* blob = (byte*)NativeMemory.Alloc((nuint)content.Length);
        _blobs.Add((nint)blob);
        content.CopyTo(new Span<byte>(blob, content.Length));
        SizeBytes += content.Length;
        return blob;
    }

    /// <summary>Takes back a page that no version has seen.</summary>
    internal void Free(byte* page)
    {
        if (budget is not null)
        {
            budget.FreeFrame(page);
            return;
        }

        _free.Push((nint)page);
    }

    /// <summary>
    /// Takes back a page (within a budget: its slot) or a blob (<paramref name="blobBytes"/> &gt; 0) as soon as no version needs it.
    /// </summary>
    internal void Retire(byte* piece, int blobBytes)
    {
        Retired retired = new((nint)piece, blobBytes, _freezes);
        if (HasVersions)
        {
            _retired.Enqueue(retired);
            Count(sizeof(Retired));
        }
        else
        {
            Free(retired);
        }
    }

    /// <summary>Records a version of the pages as they are now; it holds a reference.</summary>
    internal void Add(StateVersion version)
    {
        Interlocked.Increment(ref _references);
        _versions.Enqueue(version);
    }

    /// <summary>An array for a version's directory: that of a released one if it fits, so that freezing allocates once.</summary>
    internal ulong[] TakeDirectory(int length)
    {
        if (!HasVersions && _spareDirectory.Length == length)
        {
            ulong[] spare = _spareDirectory;
            _spareDirectory = [];
            return spare;
        }

        Count((length - _spareDirectory.Length) * sizeof(ulong));
        _spareDirectory = [];
        return GC.AllocateUninitializedArray<ulong>(length);
    }

    /// <summary>Counts bytes inside that are neither pages nor blobs, where there is a budget.</summary>
    internal void Count(long bytes)
    {
        if (budget is not null)
        {
            Interlocked.Add(ref _countedBytes, bytes);
            budget.Count(bytes);
        }
    }

    /// <summary>The number of the next version.</summary>
    internal long NextVersion() => ++_freezes;

    /// <summary>Gives up a reference, from any thread.</summary>
    internal void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        Invariant.Holds(left >= 0);
        if (left == 0)
        {
            FreeAll();
        }
    }

    /// <summary>Frees some of what is retired and that no version needs any more.</summary>
    internal void Reclaim()
    {
        for (int i = 0; i < ReclaimedPerStepMax && _retired.TryPeek(out Retired retired); i++)
        {
            // It may be in any version up to its number; versions are queued in order.
            if (HasVersions && _versions.Peek().Number <= retired.Version)
            {
                return;
            }

            _retired.Dequeue();
            Count(-sizeof(Retired));
            Free(retired);
        }
    }

    private void Free(Retired retired)
    {
        if (budget is not null)
        {
            budget.FreeSlots((int)retired.Piece);
            SizeBytes -= retired.BlobBytes;
            return;
        }

        if (retired.BlobBytes == 0)
        {
            _free.Push(retired.Piece);
            return;
        }

        _blobs.Remove(retired.Piece);
        NativeMemory.Free((void*)retired.Piece);
        SizeBytes -= retired.BlobBytes;
    }

    private void FreeAll()
    {
        if (budget is not null)
        {
            // The table gave everything else back, or retired it, when it was disposed.
            while (_retired.TryDequeue(out Retired retired))
            {
                budget.FreeSlots((int)retired.Piece);
            }

            Count(-Volatile.Read(ref _countedBytes));
        }

        foreach (nint slab in _slabs)
        {
            NativeMemory.AlignedFree((void*)slab);
        }

        foreach (nint blob in _blobs)
        {
            NativeMemory.Free((void*)blob);
        }

        _slabs.Clear();
        _blobs.Clear();
    }

    private readonly record struct Retired(nint Piece, int BlobBytes, long Version);
}
