using System.Runtime.InteropServices;

namespace Culvert.Stages;

/// <summary>
/// The native memory of one table: pages cut from slabs, and blobs. What a version may still read is retired rather than
/// freed, and freed a little at a time once the version is released. Used by the table's owner only, except for
/// <see cref="Release"/>; memory goes back to the system when the table and all its
/// versions are disposed (no finalizer does it: it could run under a span that is still used).
/// </summary>
internal sealed unsafe class StatePages(int pageBytes)
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
    private int _slabNext = SlabPages;
    private int _references = 1;
    private long _freezes;

    /// <summary>Memory held for pages and blobs, in bytes.</summary>
    internal long SizeBytes { get; private set; }

    /// <summary>True while a version that was taken is not released.</summary>
    internal bool HasVersions
    {
        get
        {
            while (_versions.TryPeek(out StateVersion? oldest) && oldest.IsReleased)
            {
                _versions.Dequeue();
                _spareDirectory = oldest.Directory;
            }

            return _versions.Count > 0;
        }
    }

    /// <summary>A page with undefined contents.</summary>
    internal byte* Allocate()
    {
        Reclaim();
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
        byte* blob = (byte*)NativeMemory.Alloc((nuint)content.Length);
        _blobs.Add((nint)blob);
        content.CopyTo(new Span<byte>(blob, content.Length));
        SizeBytes += content.Length;
        return blob;
    }

    /// <summary>Takes back a page that no version has seen.</summary>
    internal void Free(byte* page) => _free.Push((nint)page);

    /// <summary>Takes back a page or a blob (<paramref name="blobBytes"/> &gt; 0) as soon as no version needs it.</summary>
    internal void Retire(byte* piece, int blobBytes)
    {
        Retired retired = new((nint)piece, blobBytes, _freezes);
        if (HasVersions)
        {
            _retired.Enqueue(retired);
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
        ulong[] spare = !HasVersions && _spareDirectory.Length == length
            ? _spareDirectory
            : GC.AllocateUninitializedArray<ulong>(length);
        _spareDirectory = [];
        return spare;
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

    private void Reclaim()
    {
        for (int i = 0; i < ReclaimedPerStepMax && _retired.TryPeek(out Retired retired); i++)
        {
            // It may be in any version up to its number; versions are queued in order.
            if (HasVersions && _versions.Peek().Number <= retired.Version)
            {
                return;
            }

            _retired.Dequeue();
            Free(retired);
        }
    }

    private void Free(Retired retired)
    {
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
