using Culvert.Sealing;

namespace Culvert.Stages;

/// <summary>
/// How much memory the keyed state of a worker may take inside a trusted place, and what happens beyond: pages leave sealed to
/// memory outside, and come back when they are needed, or not at all if they were touched there (<c>docs/specs/paged-state.md</c>).
/// All its tables are used by one thread at a time, whichever it is; their versions may be read by others.
/// Disposed after the tables and their versions; if one is left over, the memory stays with it, but nothing opens any more.
/// </summary>
public sealed unsafe partial class StateBudget : IDisposable
{
    /// <summary>The least budget, in bytes.</summary>
    public const long BytesMin = 256 << 10;

    /// <summary>Bytes of a slot outside: a sealed page.</summary>
    public const int SlotBytes = StateTable.PageBytesDefault + StatePageCipher.TagBytes;

    /// <summary>
    /// By how many bytes <see cref="ResidentBytes"/> may exceed <see cref="Bytes"/>: <see cref="FramesMin"/> pages that there always
    /// are, however much the bookkeeping takes, and what the bookkeeping grows by in one step.
    /// </summary>
    public const long SlackBytes = (FramesMin * (long)StateTable.PageBytesDefault) + (2 * StateSlots.ChunkBytes);

    private readonly IOutsideMemory _outside;
    private readonly Secret _key;
    private readonly StatePageCipher _cipher;
    private readonly StateSlots _slots;
    private readonly byte[] _staging = GC.AllocateUninitializedArray<byte>(SlotBytes);
    private readonly List<StateTable> _tables = [];
    private long _bookkeepingBytes;
    private long _tableNumber;
    private ulong _written;
    private int _waiting;

    /// <summary>Makes a budget.</summary>
    /// <param name="bytes">For resident pages and for what is remembered about the others; at least <see cref="BytesMin"/>.</param>
    /// <param name="outside">Where pages go; stays the caller's.</param>
    /// <param name="entropy">Gives the key, which lives as long as the budget and never leaves it.</param>
    public StateBudget(long bytes, IOutsideMemory outside, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, BytesMin);
        Bytes = bytes;
        _outside = outside;
        _key = Secret.Random(entropy);
        _cipher = new StatePageCipher(_key);
        _slots = new StateSlots(outside.SlotsMax);
        _slabPages = (int)Math.Clamp(bytes / StateTable.PageBytesDefault / 32, 1, SlabPagesMax);
        _ringPagesMax = (int)Math.Max(2, bytes / StateTable.PageBytesDefault / 16);
        _bookkeepingBytes = SlotBytes;
    }

    /// <summary>The budget, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Bytes inside: page frames, directories (those of versions too), records of slots, and buffers for large values. Not
    /// counted: the two buffers of a page's size that an enumeration, or a version while it is written, has of its own.
    /// </summary>
    public long ResidentBytes => FrameBytes + BookkeepingBytes;

    /// <summary>The most that <see cref="ResidentBytes"/> was when a frame was needed.</summary>
    public long ResidentBytesPeak { get; private set; }

    /// <summary>Bytes in use outside, whole slots.</summary>
    public long OutsideBytes => (long)_slots.InUse * SlotBytes;

    /// <summary>Pages sealed and put outside so far.</summary>
    public long PagesWritten { get; private set; }

    /// <summary>Pages brought back to be used so far; those that an enumeration or a snapshot reads are not among them.</summary>
    public long PagesRead { get; private set; }

    /// <summary>Whether there are pages for which there was no room.</summary>
    internal bool IsShort => OutsideBytes > Bytes / 64;

    /// <summary>Bytes of a table in which states wait until going over a whole table pays: half the budget, shared by those that may have one.</summary>
    internal long WaitingBytesMax => Bytes / 2 / Math.Max(1, _waiting);

    /// <summary>What is resident beside page frames, in bytes.</summary>
    internal long BookkeepingBytes => Volatile.Read(ref _bookkeepingBytes) + _slots.SizeBytes;

    /// <summary>Held by whoever touches what a table's owner and the readers of its versions share.</summary>
    internal Lock Gate { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (Gate)
        {
            if (_tables.Count == 0)
            {
                FreeFrames();
            }

            _cipher.Dispose();
            _key.Dispose();
        }
    }

    internal void AddWaiting() => _waiting++;

    internal void RemoveWaiting() => _waiting--;

    internal long Add(StateTable table)
    {
        lock (Gate)
        {
            _tables.Add(table);
            return ++_tableNumber;
        }
    }

    internal void Remove(StateTable table)
    {
        lock (Gate)
        {
            _tables.Remove(table);
        }
    }

    /// <summary>Counts bytes that a table or a version takes inside beside its pages; from any thread.</summary>
    internal void Count(long bytes) => Interlocked.Add(ref _bookkeepingBytes, bytes);

    internal StateSlot Record(int slot)
    {
        lock (Gate)
        {
            return _slots[slot];
        }
    }

    internal void FreeSlots(int first)
    {
        lock (Gate)
        {
            _slots.Free(first);
        }
    }

    /// <summary>A cipher of its own for another thread.</summary>
    internal StatePageCipher NewCipher() => new(_key);

    /// <summary>Seals a page into a slot. The gate is held.</summary>
    internal int WritePage(long table, byte* page)
    {
        int slot = _slots.Take();
        Seal(new StatePieceName(table, slot, IsBlob: false), new ReadOnlySpan<byte>(page, StateTable.PageBytesDefault));
        _slots[slot] = StateSlot.OfPage(_written, StatePageLayout.Stamp(page), StatePageLayout.BlobBytes(page) > 0);
        PagesWritten++;
        return slot;
    }

    /// <summary>Brings a page back into a frame. The gate is held.</summary>
    internal void ReadPage(long table, int slot, byte* frame)
    {
        Open(_cipher, _slots[slot], new StatePieceName(table, slot, IsBlob: false), _staging, new Span<byte>(frame, StateTable.PageBytesDefault));
        PagesRead++;
    }

    /// <summary>Opens what lies in a slot, by way of a private copy, since the slot may change while it is read.</summary>
    /// <exception cref="StateIntegrityException">It is not what was last written there.</exception>
    internal void Open(StatePageCipher cipher, StateSlot record, in StatePieceName name, byte[] staging, Span<byte> destination)
    {
        Span<byte> content = staging.AsSpan(0, destination.Length + StatePageCipher.TagBytes);
        _outside.Read(name.Slot, content);
        if (record.IsBlob != name.IsBlob || !cipher.TryOpen(record.Number, name, content, destination))
        {
            throw new StateIntegrityException(
                $"the {name} was altered outside or is an older one: this partition stops; start it again from its last snapshot");
        }
    }

    /// <summary>Seals a large value into slots that follow each other, and returns the first.</summary>
    internal int WriteBlob(long table, ReadOnlySpan<byte> content)
    {
        lock (Gate)
        {
            int pieces = (content.Length + StateTable.PageBytesDefault - 1) / StateTable.PageBytesDefault;
            int next = -1;
            try
            {
                for (int i = pieces - 1; i >= 0; i--)
                {
                    int start = i * StateTable.PageBytesDefault;
                    int slot = _slots.Take();
                    Seal(
                        new StatePieceName(table, slot, IsBlob: true),
                        content.Slice(start, Math.Min(StateTable.PageBytesDefault, content.Length - start)));
                    _slots[slot] = StateSlot.OfBlob(_written, next);
                    next = slot;
                }
            }
            catch
            {
                _slots.Free(next);
                throw;
            }

            return next;
        }
    }

    private void Seal(in StatePieceName name, ReadOnlySpan<byte> plain)
    {
        // Sealed in private memory and copied then: GCM reads back what it wrote.
        Span<byte> content = _staging.AsSpan(0, plain.Length + StatePageCipher.TagBytes);
        _cipher.Seal(++_written, name, plain, content);
        _outside.Write(name.Slot, content);
    }
}
