namespace Culvert.Stages;

/// <summary>
/// What is remembered inside about every slot outside: 16 bytes each. Guarded by the budget's gate.
/// </summary>
internal sealed class StateSlots(int slotsMax)
{
    /// <summary>Bytes by which the records grow.</summary>
    internal const int ChunkBytes = ChunkRecords * RecordBytes;

    private const int ChunkRecords = 1024;
    private const int RecordBytes = 16;

    private readonly List<StateSlot[]> _chunks = [];
    private int _next;
    private int _free = -1; // the first of those given back; each names the next in place of a stamp

    /// <summary>Slots that hold something.</summary>
    internal int InUse { get; private set; }

    /// <summary>Bytes that the records take.</summary>
    internal long SizeBytes => (long)_chunks.Count * ChunkBytes;

    internal ref StateSlot this[int slot] => ref _chunks[slot / ChunkRecords][slot % ChunkRecords];

    /// <summary>A slot that nothing needs; the one given back last where there is one.</summary>
    internal int Take()
    {
        int slot = _free;
        if (slot >= 0)
        {
            _free = (int)(long)this[slot].Stamp;
        }
        else
        {
            if (_next == slotsMax)
            {
                throw new StateLimitException(
                    $"keyed state needs more memory outside than there is: all {slotsMax} slots of {StateBudget.SlotBytes} bytes are in use");
            }

            slot = _next++;
            if (slot / ChunkRecords == _chunks.Count)
            {
                _chunks.Add(new StateSlot[ChunkRecords]);
            }
        }

        InUse++;
        return slot;
    }

    /// <summary>Gives a slot back, and those that follow it in a large value.</summary>
    internal void Free(int slot)
    {
        while (slot >= 0)
        {
            ref StateSlot record = ref this[slot];
            Invariant.Holds(!record.IsFree);
            int next = record.IsBlob ? record.NextOfBlob : -1;
            record = new StateSlot(0, (ulong)(long)_free);
            _free = slot;
            InUse--;
            slot = next;
        }
    }
}

/// <summary>
/// A slot as it was last written: the number of the write, which makes any older content fail to open, and the page's stamp,
/// by which snapshots know a page without opening it.
/// </summary>
internal readonly record struct StateSlot(ulong Mark, ulong Stamp)
{
    private const ulong BlobBit = 1UL << 63;
    private const ulong HasBlobsBit = 1UL << 62;

    /// <summary>Of the write.</summary>
    internal ulong Number => Mark & ~(BlobBit | HasBlobsBit);

    internal bool IsFree => Mark == 0;

    internal bool IsBlob => (Mark & BlobBit) != 0;

    /// <summary>The page refers to large values.</summary>
    internal bool HasBlobs => (Mark & HasBlobsBit) != 0;

    /// <summary>The slot where a large value goes on, or -1.</summary>
    internal int NextOfBlob => (int)(long)Stamp;

    internal static StateSlot OfPage(ulong number, ulong stamp, bool hasBlobs) => new(number | (hasBlobs ? HasBlobsBit : 0), stamp);

    internal static StateSlot OfBlob(ulong number, int next) => new(number | BlobBit, (ulong)(long)next);
}
