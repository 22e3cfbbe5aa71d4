using System.Runtime.InteropServices;

namespace Culvert.Stages;

/// <content>
/// Frames, and which page gives up its own. A page that comes in waits in a ring of a sixteenth of all frames. Half-way it is
/// marked idle; if it is used after that, it stays and an idle page found by a clock over the directories goes in its place,
/// else it goes itself. So a sweep over all pages, which uses each in one go, leaves those alone that are used again and again.
/// </content>
public sealed unsafe partial class StateBudget
{
    /// <summary>Frames there always are: a split holds three, and whoever asks for the next must find another.</summary>
    private const int FramesMin = 8;

    /// <summary>Frames per slab at most: 1 MiB at a time.</summary>
    private const int SlabPagesMax = 64;

    private readonly List<nint> _slabs = [];
    private readonly Stack<nint> _freeFrames = new();
    private readonly Queue<Admitted> _young = new();
    private readonly Queue<Admitted> _old = new();
    private readonly int _slabPages;
    private readonly int _ringPagesMax;
    private int _handTable;
    private ulong _handHash;
    private bool _isFull;

    private long FrameBytes => (long)_slabs.Count * SlabBytes;

    private long SlabBytes => (long)_slabPages * StateTable.PageBytesDefault;

    /// <summary>A frame with undefined contents; <paramref name="kept"/> stays where it is. The gate is held.</summary>
    internal byte* TakeFrame(byte* kept)
    {
        ResidentBytesPeak = Math.Max(ResidentBytesPeak, ResidentBytes);
        if (_freeFrames.TryPop(out nint free))
        {
            return (byte*)free;
        }

        if (ResidentBytes + SlabBytes <= Bytes || _slabs.Count * _slabPages < FramesMin)
        {
            nint slab = (nint)NativeMemory.AlignedAlloc((nuint)SlabBytes, StateTable.PageBytesDefault);
            _slabs.Add(slab);
            for (int i = _slabPages - 1; i > 0; i--)
            {
                _freeFrames.Push(slab + (i * StateTable.PageBytesDefault));
            }

            ResidentBytesPeak = Math.Max(ResidentBytesPeak, ResidentBytes);
            return (byte*)slab;
        }

        _isFull = true;
        return EvictFromRing(kept) is var frame && frame != null ? frame : EvictByClock(kept);
    }

    internal void FreeFrame(byte* frame)
    {
        lock (Gate)
        {
            _freeFrames.Push((nint)frame);
        }
    }

    /// <summary>Tells that a page came into a frame. The gate is held.</summary>
    internal void Admit(StateTable table, ulong hash, byte* frame)
    {
        if (!_isFull)
        {
            return;
        }

        _young.Enqueue(new Admitted(table, hash, (nint)frame));
        if (_young.Count > _ringPagesMax / 2)
        {
            Admitted middle = _young.Dequeue();
            if (middle.Table.IsAt(middle.Hash, (byte*)middle.Frame))
            {
                middle.Table.MarkIdle(middle.Hash);
                _old.Enqueue(middle);
            }
        }
    }

    /// <summary>
    /// Brings what is resident back into the budget, with room for <paramref name="bytes"/> more; tells whether pages left for it.
    /// Called where no page is at work: any may go.
    /// </summary>
    internal bool MakeRoom(long bytes)
    {
        bool made = false;
        lock (Gate)
        {
            while (ResidentBytes + bytes > Bytes && (_slabs.Count - 1) * _slabPages >= FramesMin)
            {
                GiveUpSlab();
                made = true;
            }
        }

        return made;
    }

    private byte* EvictFromRing(byte* kept)
    {
        while (_old.Count > _ringPagesMax / 2 && _old.TryDequeue(out Admitted oldest))
        {
            byte* frame = (byte*)oldest.Frame;
            if (!oldest.Table.IsAt(oldest.Hash, frame) || frame == kept)
            {
                continue;
            }

            if (oldest.Table.IsIdle(oldest.Hash))
            {
                return oldest.Table.Evict(oldest.Hash);
            }

            // Used again: it stays, and another goes.
            return null;
        }

        return null;
    }

    /// <summary>Goes over the directories; what was not used since the last time goes.</summary>
    private byte* EvictByClock(byte* kept)
    {
        // Twice round finds every page idle; the table's number bounds what can be in the way.
        for (int turns = 0; turns <= 3 * _tables.Count;)
        {
            if (_handTable >= _tables.Count)
            {
                _handTable = 0;
                _handHash = 0;
            }

            StateTable table = _tables[_handTable];
            if (table.TryEvictFrom(ref _handHash, kept, out byte* frame))
            {
                _handTable += _handHash == 0 ? 1 : 0;
                return frame;
            }

            _handTable++;
            _handHash = 0;
            turns++;
        }

        throw new InvariantViolationException("every frame is in use at once");
    }

    private void GiveUpSlab()
    {
        nint slab = _slabs[^1];
        foreach (StateTable table in _tables)
        {
            table.EvictWithin((byte*)slab, (byte*)slab + SlabBytes);
        }

        nint[] left = [.. _freeFrames.Where(frame => frame < slab || frame >= slab + (nint)SlabBytes)];
        Invariant.Holds(_freeFrames.Count - left.Length == _slabPages);
        _freeFrames.Clear();
        foreach (nint frame in left)
        {
            _freeFrames.Push(frame);
        }

        _slabs.RemoveAt(_slabs.Count - 1);
        NativeMemory.AlignedFree((void*)slab);
    }

    private void FreeFrames()
    {
        foreach (nint slab in _slabs)
        {
            NativeMemory.AlignedFree((void*)slab);
        }

        _slabs.Clear();
        _freeFrames.Clear();
    }

    private readonly record struct Admitted(StateTable Table, ulong Hash, nint Frame);
}
