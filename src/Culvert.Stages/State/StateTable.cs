using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Culvert.Stages;

/// <summary>
/// Keyed state: byte keys to byte values, in pages of fixed size outside the garbage collector's sight. By extendible hashing
/// a full page splits in two and only the directory (8 bytes per page) ever doubles, so no operation costs more than a page
/// and, rarely, the directory. <see cref="Freeze"/> gives a version that another thread reads while the owner goes on: a page
/// that a version still needs is copied before it is written.
/// Within a <see cref="StateBudget"/>, pages for which there is no room lie outside, sealed, until they are needed, and large
/// values always do; what comes back is refused with a <see cref="StateIntegrityException"/> unless it is what was last put there.
/// One owner at a time; not thread safe. Spans it gives out are valid until its next call, or the next of any table of its budget.
/// Every <c>hash</c> parameter must be <see cref="StateHash.Of(ReadOnlySpan{byte})"/> of the key.
/// </summary>
public sealed unsafe partial class StateTable : IDisposable
{
    /// <summary>Bytes of a page: what a split, or the first write to a page after a freeze, costs.</summary>
    public const int PageBytesDefault = 16 << 10;

    /// <summary>Bytes of a key at most: an eighth of a page, so that a page always splits before it holds one entry.</summary>
    public const int KeyBytesMax = PageBytesDefault / 8;

    /// <summary>Bytes of a value of fixed size at most.</summary>
    public const int FixedValueBytesMax = PageBytesDefault / 8;

    /// <summary>Bytes of a value of variable size at most: a page of a snapshot stays small enough to be held in memory.</summary>
    public const int ValueBytesMax = 16 << 20;

    /// <summary>A value longer than this lies outside its page.</summary>
    internal const int InlineValueBytesMax = PageBytesDefault / 8;

    /// <summary>Bytes of blobs under one page before it is split.</summary>
    internal const long PageBlobBytesMax = 1 << 20;

    /// <summary>The directory is never larger than this many entries per page: past it, keys were chosen to collide.</summary>
    private const int DirectoryEntriesPerPageMax = 1024;

    /// <summary>Bits of hash that the directory uses at most: 2 GiB of directory, for some TiB of pages.</summary>
    private const int GlobalDepthMax = 28;

    private const ulong WritableBit = 1;
    private const int DepthShift = 1;
    private const ulong DepthMask = 63;
    private const ulong PageMask = ~0xFFFUL;
    private const int PageShift = 12;

    /// <summary>Within a budget, in place of a page's address: its slot outside.</summary>
    private const ulong OutBit = 1 << 7;

    /// <summary>The page was not used since its frame was last asked for. Never with <see cref="WritableBit"/>.</summary>
    private const ulong IdleBit = 1 << 8;

    /// <summary>No version has the page as it is: to write it, no version need be asked. Means something within a budget only.</summary>
    private const ulong OwnedBit = 1 << 9;

    /// <summary>With <see cref="OutBit"/>: a page that a snapshot is to fill, in whose place its ordinal stands.</summary>
    private const ulong VacantBit = 1 << 10;

    private readonly StatePageLayout _layout;
    private readonly StatePages _pages;
    private readonly StateBudget? _budget;
    private ulong[] _directory = [];
    private int _globalDepth;
    private ulong _stamps;
    private long _pageCount;
    private bool _disposed;

    /// <summary>Makes an empty table.</summary>
    /// <param name="keySize">Bytes of every key, or 0 where they differ (4 bytes more per entry).</param>
    /// <param name="valueSize">Bytes of every value, or 0 where they differ: then values are given by <see cref="Set"/>.</param>
    /// <param name="budget">What bounds the memory that it takes inside, with the other tables of the budget; null for no bound.</param>
    public StateTable(int keySize, int valueSize, StateBudget? budget = null)
        : this(keySize, valueSize, budget, isEmpty: true)
    {
    }

    private StateTable(int keySize, int valueSize, StateBudget? budget, bool isEmpty)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keySize);
        ArgumentOutOfRangeException.ThrowIfNegative(valueSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keySize, KeyBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(valueSize, FixedValueBytesMax);
        _layout = new StatePageLayout(keySize, valueSize, PageBytesDefault);
        _budget = budget;
        _pages = new StatePages(PageBytesDefault, budget) { Table = budget?.Add(this) ?? 0 };
        if (isEmpty)
        {
            StartEmpty();
        }
    }

    /// <summary>Bytes of every key, or 0 where they differ.</summary>
    public int KeySize => _layout.KeySize;

    /// <summary>Bytes of every value, or 0 where they differ.</summary>
    public int ValueSize => _layout.ValueSize;

    /// <summary>What bounds the memory that it takes inside; null where nothing does.</summary>
    internal StateBudget? Budget => _budget;

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// Memory held, in bytes: pages, those kept for versions and for reuse, large values and the directory. Within a budget: all
    /// its pages, inside and outside.
    /// </summary>
    public long SizeBytes =>
        _pages.SizeBytes + (_directory.Length * sizeof(ulong)) + (_budget is null ? 0 : _pageCount * PageBytesDefault);

    /// <summary>
    /// Starts to fetch what a coming call with this hash will read first. A caller with a batch of keys asks some 8 to 16 keys
    /// ahead, so that waiting for memory overlaps.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
        {
            // For a page outside it is some address that nobody has, which is no fault.
            ulong reference = _directory[hash >> (64 - _globalDepth)];
            Sse.Prefetch0(_layout.FirstSlots(Page(reference), Depth(reference), hash));
        }
    }

    /// <summary>Finds the value of a key, to be read.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, ulong hash, out ReadOnlySpan<byte> value)
    {
        Debug.Assert(hash == StateHash.Of(key));
        ulong reference = _directory[hash >> (64 - _globalDepth)];
        if ((reference & (OutBit | IdleBit)) != 0)
        {
            reference = Fetch(reference, hash);
        }

        byte* entry = KeySize != 0 && key.Length != KeySize
            ? null
            : _layout.Find((byte*)(reference & PageMask), Depth(reference), key, hash, out _);
        value = entry == null ? default
            : _budget is not null && _layout.IsBlob(entry) ? ReadBlob(entry)
            : _layout.Value(entry);
        return entry != null;
    }

    /// <summary>
    /// The value of a key, to be written in place until the next call; zeros when the key was <paramref name="added"/>.
    /// Only for tables whose values have one size.
    /// </summary>
    /// <exception cref="StateLimitException">The key is too long, or too many keys have one hash.</exception>
    public Span<byte> GetOrAdd(ReadOnlySpan<byte> key, ulong hash, out bool added)
    {
        Debug.Assert(hash == StateHash.Of(key));
        ref ulong reference = ref _directory[hash >> (64 - _globalDepth)];
        if ((reference & WritableBit) != 0 && ValueSize != 0 && (KeySize == 0 || key.Length == KeySize))
        {
            byte* entry = _layout.Find((byte*)(reference & PageMask), Depth(reference), key, hash, out _);
            if (entry != null)
            {
                added = false;
                return _layout.Value(entry);
            }
        }

        return GetOrAddSlowly(key, hash, out added);
    }

    /// <summary>Sets the value of a key, of the table's fixed size or of any up to <see cref="ValueBytesMax"/>.</summary>
    /// <exception cref="StateLimitException">The key or the value is too long, or too many keys have one hash.</exception>
    public void Set(ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> value)
    {
        Debug.Assert(hash == StateHash.Of(key));
        CheckKey(key);
        CheckValue(value);
        byte* page = WritablePage(hash, out int depth);
        byte* entry = _layout.Find(page, depth, key, hash, out uint* slot);
        if (entry != null)
        {
            if (!_layout.IsBlob(entry) && _layout.Value(entry).Length == value.Length)
            {
                value.CopyTo(_layout.Value(entry));
                return;
            }

            RemoveEntry(page, entry, slot);
        }

        if (value.Length <= InlineValueBytesMax)
        {
            int bytes = _layout.EntryBytes(key.Length, value.Length);
            page = PageWithRoom(hash, bytes, 0, out depth);
            entry = _layout.Insert(page, depth, key, hash, bytes, (ushort)value.Length);
            value.CopyTo(_layout.Value(entry));
        }
        else
        {
            page = PageWithRoom(hash, StatePageLayout.BlobEntryBytes(key.Length), value.Length, out depth);
            _layout.InsertBlob(page, depth, key, hash, _pages.AllocateBlob(value), value.Length);
        }

        Count++;
    }

    /// <summary>Removes a key; tells whether it was there.</summary>
    public bool Remove(ReadOnlySpan<byte> key, ulong hash)
    {
        ulong reference = _directory[hash >> (64 - _globalDepth)];
        if ((reference & (OutBit | IdleBit)) != 0)
        {
            reference = Fetch(reference, hash);
        }

        if ((KeySize != 0 && key.Length != KeySize) || _layout.Find(Page(reference), Depth(reference), key, hash, out _) == null)
        {
            // A page without the key is left unwritten, hence uncopied.
            return false;
        }

        byte* page = WritablePage(hash, out int depth);
        byte* entry = _layout.Find(page, depth, key, hash, out uint* slot);
        RemoveEntry(page, entry, slot);
        return true;
    }

    /// <summary>Removes every entry.</summary>
    public void Clear()
    {
        GiveBackPages();
        SetDirectory([], 1);
        Count = 0;
        StartEmpty();
    }

    /// <summary>
    /// The entries, ordered by hash and, where hashes are equal, by key: an order that does not depend on the past.
    /// The table is not changed meanwhile.
    /// </summary>
    public StateEnumerator GetEnumerator() => new(new StatePageReader(_layout, _pages.Table, _budget), _directory, _globalDepth);

    /// <summary>Lets go of the memory; versions that are not released keep it until they are.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (_budget is not null)
            {
                GiveBackToBudget(_budget);
            }

            _directory = [];
            _pages.Release();
        }
    }

    internal static int Depth(ulong reference) => (int)((reference >> DepthShift) & DepthMask);

    internal static byte* Page(ulong reference) => (byte*)(reference & PageMask);

    internal static bool IsOut(ulong reference) => (reference & OutBit) != 0;

    internal static bool IsVacant(ulong reference) => (reference & VacantBit) != 0;

    /// <summary>The slot of a page outside, or the ordinal of a vacant one.</summary>
    internal static int Slot(ulong reference) => (int)(reference >> PageShift);

    private static ulong Reference(byte* page, int depth) =>
        (ulong)page | ((ulong)depth << DepthShift) | WritableBit | OwnedBit;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Span<byte> GetOrAddSlowly(ReadOnlySpan<byte> key, ulong hash, out bool added)
    {
        if (ValueSize == 0)
        {
            throw new InvalidOperationException("values of variable size are given by Set");
        }

        CheckKey(key);
        byte* page = WritablePage(hash, out int depth);
        byte* entry = _layout.Find(page, depth, key, hash, out _);
        added = entry == null;
        if (!added)
        {
            return _layout.Value(entry);
        }

        int bytes = _layout.EntryBytes(key.Length, ValueSize);
        page = PageWithRoom(hash, bytes, 0, out depth);
        entry = _layout.Insert(page, depth, key, hash, bytes, (ushort)ValueSize);
        Count++;
        Span<byte> value = _layout.Value(entry);
        value.Clear();
        return value;
    }

    private void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length > KeyBytesMax)
        {
            throw new StateLimitException(
                $"a key of {key.Length} bytes is too long for keyed state, which takes {KeyBytesMax} bytes at most");
        }

        if (KeySize != 0)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize);
        }
    }

    private void CheckValue(ReadOnlySpan<byte> value)
    {
        if (value.Length > ValueBytesMax)
        {
            throw new StateLimitException(
                $"a value of {value.Length} bytes is too long for keyed state, which takes {ValueBytesMax} bytes at most");
        }

        if (ValueSize != 0)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, ValueSize);
        }
    }

    private void RemoveEntry(byte* page, byte* entry, uint* slot)
    {
        if (_layout.IsBlob(entry))
        {
            _pages.Retire(StatePageLayout.Blob(entry), _layout.Value(entry).Length);
        }

        _layout.Remove(page, entry, slot);
        Count--;
    }
}
