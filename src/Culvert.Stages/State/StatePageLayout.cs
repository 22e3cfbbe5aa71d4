using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Culvert.Stages;

/// <summary>
/// How entries lie in a page, and the operations on one page. A page is a header, slots of 4 bytes in groups of 8, and a
/// heap of entries that grows upwards. A slot is 0 (free), <see cref="Tombstone"/>, or a 16-bit fingerprint over the 16-bit
/// offset of its entry. A group is compared at once, so that finding a key costs a line of slots and a line of entry.
/// The group where a key belongs grows with its hash: slots read in order are nearly sorted by hash.
/// </summary>
internal readonly unsafe struct StatePageLayout
{
    internal const int HeaderBytes = 32;

    private const uint Tombstone = 1;
    private const int GroupSlots = 8;
    private const int GroupBytes = GroupSlots * sizeof(uint);
    private const int EntryHeaderBytes = 4;
    private const int BlobReferenceBytes = 12;

    /// <summary>In place of a value's length: the entry holds the address (within a budget: the first slot outside) and the length of a blob.</summary>
    private const ushort BlobMark = ushort.MaxValue;

    /// <summary>Slots are laid out for entries of this size where sizes vary; others only waste slots or heap.</summary>
    private const int VariableEntryBytesExpected = 32;

    private readonly int _groups;
    private readonly int _usedSlotsMax;
    private readonly int _heapStart;

    internal StatePageLayout(int keySize, int valueSize, int pageBytes)
    {
        KeySize = keySize;
        ValueSize = valueSize;
        PageBytes = pageBytes;
        HasEntryHeaders = keySize == 0 || valueSize == 0;
        int entryBytes = HasEntryHeaders ? VariableEntryBytesExpected : keySize + valueSize;
        // 7 of 8 slots are used at most; the heap is full at about the same time.
        int slots = (pageBytes - HeaderBytes) * 8 / ((8 * sizeof(uint)) + (7 * entryBytes));
        _groups = Math.Max(1, slots / GroupSlots);
        _usedSlotsMax = _groups * GroupSlots * 7 / 8;
        _heapStart = HeaderBytes + (_groups * GroupBytes);
    }

    internal int KeySize { get; }

    internal int ValueSize { get; }

    internal int PageBytes { get; }

    internal bool HasEntryHeaders { get; }

    /// <summary>Entries that a page can hold at most.</summary>
    internal int EntriesMax => _usedSlotsMax;

    internal static ref ulong Stamp(byte* page) => ref Unsafe.AsRef<ulong>(page);

    internal static ref int Count(byte* page) => ref Unsafe.AsRef<int>(page + 8);

    internal static ref long BlobBytes(byte* page) => ref Unsafe.AsRef<long>(page + 24);

    /// <summary>1 more than the slot outside that holds the page as it is, 0 when there is none. Means nothing to a version.</summary>
    internal static ref int OutsideSlot(byte* page) => ref Unsafe.AsRef<int>(page + 20);

    private static ref ushort UsedSlots(byte* page) => ref Unsafe.AsRef<ushort>(page + 12);

    private static ref ushort DeadBytes(byte* page) => ref Unsafe.AsRef<ushort>(page + 14);

    private static ref int HeapEnd(byte* page) => ref Unsafe.AsRef<int>(page + 16);

    /// <summary>Makes a page empty; its stamp stays.</summary>
    internal void Reset(byte* page)
    {
        Unsafe.InitBlock(page + sizeof(ulong), 0, (uint)(_heapStart - sizeof(ulong)));
        HeapEnd(page) = _heapStart;
    }

    /// <summary>The bytes of an entry whose value lies in the page.</summary>
    internal int EntryBytes(int keyBytes, int valueBytes) =>
        keyBytes + valueBytes + (HasEntryHeaders ? EntryHeaderBytes : 0);

    internal static int BlobEntryBytes(int keyBytes) => EntryHeaderBytes + keyBytes + BlobReferenceBytes;

    /// <summary>Where a search for a hash begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* FirstSlots(byte* page, int depth, ulong hash) =>
        page + HeaderBytes + (((hash << depth) >> 32) * (uint)_groups >> 32 << 5);

    /// <summary>The entry of a key, or null; <paramref name="slot"/> is its place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Find(byte* page, int depth, ReadOnlySpan<byte> key, ulong hash, out uint* slot)
    {
        uint groups = (uint)_groups;
        uint group = (uint)(((hash << depth) >> 32) * groups >> 32);
        Vector256<uint> wanted = Vector256.Create(Fingerprint(hash));
        Vector256<uint> fingerprints = Vector256.Create(0xFFFF0000u);
        while (true)
        {
            uint* slots = (uint*)(page + HeaderBytes) + (group * GroupSlots);
            Vector256<uint> seen = Vector256.Load(slots);
            uint hits = Vector256.Equals(seen & fingerprints, wanted).ExtractMostSignificantBits();
            while (hits != 0)
            {
                slot = slots + BitOperations.TrailingZeroCount(hits);
                byte* entry = page + (*slot & 0xFFFF);
                if (KeyIs(entry, key))
                {
                    return entry;
                }

                hits &= hits - 1;
            }

            if (Vector256.Equals(seen, Vector256<uint>.Zero).ExtractMostSignificantBits() != 0)
            {
                slot = null;
                return null;
            }

            group = group + 1 == groups ? 0 : group + 1;
        }
    }

    /// <summary>Whether an entry of so many bytes fits as the page is.</summary>
    internal bool HasRoom(byte* page, int entryBytes) =>
        UsedSlots(page) < _usedSlotsMax && HeapEnd(page) + entryBytes <= PageBytes;

    /// <summary>Whether rewriting the page frees enough that it pays: an eighth, so that the cost is spread.</summary>
    internal bool HasMuchDead(byte* page) =>
        DeadBytes(page) > (PageBytes - _heapStart) / 8 || UsedSlots(page) - Count(page) > _usedSlotsMax / 8;

    /// <summary>Adds an entry for a key that is not there; there is room. Everything behind the key is left to the caller.</summary>
    internal byte* Insert(byte* page, int depth, ReadOnlySpan<byte> key, ulong hash, int entryBytes, ushort valueLength)
    {
        int offset = HeapEnd(page);
        Place(page, depth, hash, offset);
        byte* entry = page + offset;
        HeapEnd(page) = offset + entryBytes;
        Count(page)++;
        if (HasEntryHeaders)
        {
            *(ushort*)entry = (ushort)key.Length;
            *(ushort*)(entry + 2) = valueLength;
            key.CopyTo(new Span<byte>(entry + EntryHeaderBytes, key.Length));
        }
        else
        {
            key.CopyTo(new Span<byte>(entry, key.Length));
        }

        return entry;
    }

    internal byte* InsertBlob(byte* page, int depth, ReadOnlySpan<byte> key, ulong hash, byte* blob, int blobBytes)
    {
        byte* entry = Insert(page, depth, key, hash, BlobEntryBytes(key.Length), BlobMark);
        byte* reference = entry + EntryHeaderBytes + key.Length;
        Unsafe.WriteUnaligned(reference, (ulong)blob);
        Unsafe.WriteUnaligned(reference + sizeof(ulong), blobBytes);
        BlobBytes(page) += blobBytes;
        return entry;
    }

    /// <summary>Copies an entry of another page, blob reference included.</summary>
    internal void InsertCopy(byte* page, int depth, byte* entry, ulong hash)
    {
        int bytes = StoredBytes(entry);
        int offset = HeapEnd(page);
        Place(page, depth, hash, offset);
        Unsafe.CopyBlock(page + offset, entry, (uint)bytes);
        HeapEnd(page) = offset + bytes;
        Count(page)++;
        BlobBytes(page) += IsBlob(entry) ? Value(entry).Length : 0;
    }

    internal void Remove(byte* page, byte* entry, uint* slot)
    {
        uint* group = slot - ((slot - (uint*)(page + HeaderBytes)) % GroupSlots);
        bool hasFree = Vector256.EqualsAny(Vector256.Load(group), Vector256<uint>.Zero);
        // A search ends at a group with a free slot anyway, so only a full group needs a tombstone.
        *slot = hasFree ? 0 : Tombstone;
        UsedSlots(page) -= (ushort)(hasFree ? 1 : 0);
        DeadBytes(page) += (ushort)StoredBytes(entry);
        BlobBytes(page) -= IsBlob(entry) ? Value(entry).Length : 0;
        Count(page)--;
    }

    internal ReadOnlySpan<byte> Key(byte* entry) => HasEntryHeaders
        ? new ReadOnlySpan<byte>(entry + EntryHeaderBytes, *(ushort*)entry)
        : new ReadOnlySpan<byte>(entry, KeySize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Value(byte* entry)
    {
        if (!HasEntryHeaders)
        {
            return new Span<byte>(entry + KeySize, ValueSize);
        }

        byte* value = entry + EntryHeaderBytes + *(ushort*)entry;
        ushort length = *(ushort*)(entry + 2);
        return length == BlobMark
            ? new Span<byte>(Blob(entry), Unsafe.ReadUnaligned<int>(value + sizeof(ulong)))
            : new Span<byte>(value, length);
    }

    internal bool IsBlob(byte* entry) => HasEntryHeaders && *(ushort*)(entry + 2) == BlobMark;

    internal static byte* Blob(byte* entry) =>
        (byte*)Unsafe.ReadUnaligned<ulong>(entry + EntryHeaderBytes + *(ushort*)entry);

    /// <summary>
    /// Writes the hashes and offsets of the page's entries, ordered by hash and, where those are equal, by key.
    /// Both spans hold <see cref="EntriesMax"/>. Returns how many there are.
    /// </summary>
    internal int Order(byte* page, Span<ulong> hashes, Span<ushort> offsets)
    {
        uint* slots = (uint*)(page + HeaderBytes);
        int count = 0;
        for (int i = 0; i < _groups * GroupSlots; i++)
        {
            if (slots[i] <= Tombstone)
            {
                continue;
            }

            ushort offset = (ushort)slots[i];
            ReadOnlySpan<byte> key = Key(page + offset);
            ulong hash = StateHash.Of(key);
            // Nearly sorted already (see above), so insertion moves little.
            int at = count++;
            while (at > 0 && (hashes[at - 1] > hash
                || (hashes[at - 1] == hash && Key(page + offsets[at - 1]).SequenceCompareTo(key) > 0)))
            {
                hashes[at] = hashes[at - 1];
                offsets[at] = offsets[at - 1];
                at--;
            }

            hashes[at] = hash;
            offsets[at] = offset;
        }

        return count;
    }

    /// <summary>Odd, hence never that of a free slot or a tombstone.</summary>
    private static uint Fingerprint(ulong hash) => ((uint)hash | 1) << 16;

    private void Place(byte* page, int depth, ulong hash, int offset)
    {
        uint groups = (uint)_groups;
        uint group = (uint)(((hash << depth) >> 32) * groups >> 32);
        while (true)
        {
            uint* slots = (uint*)(page + HeaderBytes) + (group * GroupSlots);
            uint open = Vector256.LessThanOrEqual(Vector256.Load(slots), Vector256.Create(Tombstone))
                .ExtractMostSignificantBits();
            if (open != 0)
            {
                uint* slot = slots + BitOperations.TrailingZeroCount(open);
                UsedSlots(page) += (ushort)(*slot == 0 ? 1 : 0);
                *slot = Fingerprint(hash) | (uint)offset;
                return;
            }

            group = group + 1 == groups ? 0 : group + 1;
        }
    }

    private int StoredBytes(byte* entry) => !HasEntryHeaders ? KeySize + ValueSize
        : EntryHeaderBytes + *(ushort*)entry
            + (*(ushort*)(entry + 2) == BlobMark ? BlobReferenceBytes : *(ushort*)(entry + 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool KeyIs(byte* entry, ReadOnlySpan<byte> key)
    {
        if (HasEntryHeaders)
        {
            if (*(ushort*)entry != key.Length)
            {
                return false;
            }

            entry += EntryHeaderBytes;
        }

        return key.Length == sizeof(ulong)
            ? *(ulong*)entry == Unsafe.ReadUnaligned<ulong>(in key[0])
            : new ReadOnlySpan<byte>(entry, key.Length).SequenceEqual(key);
    }
}
