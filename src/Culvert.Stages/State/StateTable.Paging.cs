using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Stages;

/// <content>How the table's pages are made writable, split, rewritten and frozen.</content>
public sealed unsafe partial class StateTable
{
    /// <summary>
    /// Takes the entries as they are now, in time that grows with the directory only (8 to 16 bytes per page).
    /// The version is read by any one thread and must be disposed; until then the pages that it needs stay.
    /// </summary>
    public StateVersion Freeze()
    {
        ulong[] live = _directory;
        ulong[] frozen = _pages.TakeDirectory(live.Length);
        live.CopyTo(frozen, 0);
        foreach (ref Vector512<ulong> references in MemoryMarshal.Cast<ulong, Vector512<ulong>>(live.AsSpan()))
        {
            references &= Vector512.Create(~(WritableBit | OwnedBit));
        }

        for (int i = live.Length & -Vector512<ulong>.Count; i < live.Length; i++)
        {
            live[i] &= ~(WritableBit | OwnedBit);
        }

        StateVersion version = new(this, _layout, _pages, _budget, frozen, _globalDepth, Count, _pageCount, _pages.NextVersion());
        _pages.Add(version);
        return version;
    }

    private void StartEmpty()
    {
        // By steps: within a budget, the second page must not take the first one's frame unseen.
        byte* low = NewPage();
        byte* high = NewPage();
        SetDirectory([Reference(low, 1), Reference(high, 1)], 1);
        _pageCount = 2;
        Admit(0, low);
        Admit(1UL << 63, high);
    }

    private void SetDirectory(ulong[] directory, int globalDepth)
    {
        _pages.Count((directory.Length - _directory.Length) * sizeof(ulong));
        _directory = directory;
        _globalDepth = globalDepth;
    }

    private byte* NewPage(byte* kept = null)
    {
        byte* page = _pages.Allocate(kept);
        StatePageLayout.Stamp(page) = ++_stamps;
        _layout.Reset(page);
        return page;
    }

    /// <summary>Directory entries that a page has.</summary>
    private ulong Span(ulong reference) => 1UL << (_globalDepth - Depth(reference));

    /// <summary>The page where a hash belongs, copied first if a version needs it as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* WritablePage(ulong hash, out int depth)
    {
        ulong reference = _directory[hash >> (64 - _globalDepth)];
        if ((reference & WritableBit) == 0)
        {
            reference = MakeWritable(reference, hash);
        }

        depth = Depth(reference);
        return Page(reference);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong MakeWritable(ulong reference, ulong hash)
    {
        if (_budget is not null)
        {
            return MakeWritableWithin(_budget, reference, hash);
        }

        byte* page = Page(reference);
        if (_pages.HasVersions)
        {
            byte* copy = _pages.Allocate();
            Unsafe.CopyBlock(copy, page, (uint)_layout.PageBytes);
            _pages.Retire(page, 0);
            page = copy;
        }

        // From here on its content differs from what any version has: a new stamp tells snapshots so.
        StatePageLayout.Stamp(page) = ++_stamps;
        ulong writable = Reference(page, Depth(reference));
        Refer(hash, writable);
        return writable;
    }

    /// <summary>Makes the directory entries of the page where a hash belongs refer to another page of the same depth.</summary>
    private void Refer(ulong hash, ulong reference)
    {
        int depth = Depth(reference);
        int first = (int)(hash >> (64 - depth) << (_globalDepth - depth));
        _directory.AsSpan(first, 1 << (_globalDepth - depth)).Fill(reference);
    }

    /// <summary>The page where a hash belongs once it has room for an entry: as it is, rewritten, or split.</summary>
    private byte* PageWithRoom(ulong hash, int entryBytes, int blobBytes, out int depth)
    {
        while (true)
        {
            byte* page = WritablePage(hash, out depth);
            bool blobsFit = blobBytes == 0 || StatePageLayout.Count(page) == 0
                || StatePageLayout.BlobBytes(page) + blobBytes <= PageBlobBytesMax;
            if (blobsFit && _layout.HasRoom(page, entryBytes))
            {
                return page;
            }

            if (blobsFit && _layout.HasMuchDead(page))
            {
                Rewrite(page, hash, depth);
            }
            else if (_budget is { } budget && depth == _globalDepth && budget.MakeRoom(_directory.Length * sizeof(ulong)))
            {
                // The page may have left meanwhile: another look.
            }
            else
            {
                Split(page, hash, depth);
            }
        }
    }

    /// <summary>Rewrites a page without the entries that were removed.</summary>
    private void Rewrite(byte* page, ulong hash, int depth)
    {
        byte* fresh = NewPage(page);
        Distribute(page, depth, fresh, fresh);
        Refer(hash, Reference(fresh, depth));
        Admit(hash, fresh);
        // The page is writable, so no version has it.
        _pages.Free(page);
    }

    private void Split(byte* page, ulong hash, int depth)
    {
        if (depth == _globalDepth)
        {
            DoubleDirectory();
        }

        byte* low = NewPage(page);
        byte* high = NewPage(page);
        Distribute(page, depth + 1, low, high);
        ulong bit = 1UL << (63 - depth);
        Refer(hash & ~bit, Reference(low, depth + 1));
        Refer(hash | bit, Reference(high, depth + 1));
        Admit(hash & ~bit, low);
        Admit(hash | bit, high);
        _pages.Free(page);
        _pageCount++;
    }

    /// <summary>Copies the entries of a page to two of a depth, by the last bit of that depth; or all to one.</summary>
    private void Distribute(byte* page, int depth, byte* low, byte* high)
    {
        Span<ulong> hashes = stackalloc ulong[_layout.EntriesMax];
        Span<ushort> offsets = stackalloc ushort[_layout.EntriesMax];
        int count = _layout.Order(page, hashes, offsets);
        for (int i = 0; i < count; i++)
        {
            bool isHigh = ((hashes[i] >> (64 - depth)) & 1) != 0;
            _layout.InsertCopy(isHigh ? high : low, depth, page + offsets[i], hashes[i]);
        }
    }

    private void DoubleDirectory()
    {
        if (_globalDepth == GlobalDepthMax || _directory.Length / DirectoryEntriesPerPageMax > _pageCount)
        {
            throw new StateLimitException(
                $"too many keys have nearly the same hash: {_pageCount} pages would need a directory of {_directory.Length * 2L} entries");
        }

        ulong[] doubled = GC.AllocateUninitializedArray<ulong>(_directory.Length * 2);
        for (int i = 0; i < _directory.Length; i++)
        {
            doubled[2 * i] = _directory[i];
            doubled[(2 * i) + 1] = _directory[i];
        }

        SetDirectory(doubled, _globalDepth + 1);
    }

    /// <summary>Gives up every page: the directory means nothing afterwards.</summary>
    private void GiveBackPages()
    {
        for (ulong at = 0; at < (ulong)_directory.Length; at += Span(_directory[at]))
        {
            if (_budget is not null)
            {
                GiveBackWithin(_budget, at);
                continue;
            }

            byte* page = Page(_directory[at]);
            if (StatePageLayout.BlobBytes(page) > 0)
            {
                RetireBlobs(page);
            }

            _pages.Retire(page, 0);
        }
    }

    private void RetireBlobs(byte* page)
    {
        Span<ulong> hashes = stackalloc ulong[_layout.EntriesMax];
        Span<ushort> offsets = stackalloc ushort[_layout.EntriesMax];
        int count = _layout.Order(page, hashes, offsets);
        for (int i = 0; i < count; i++)
        {
            byte* entry = page + offsets[i];
            if (_layout.IsBlob(entry))
            {
                _pages.Retire(StatePageLayout.Blob(entry), _layout.Value(entry).Length);
            }
        }
    }
}
