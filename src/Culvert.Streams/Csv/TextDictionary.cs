using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>
/// Distinct byte sequences, numbered in the order in which they came. Codes never change; the column of entries is the same
/// object until an entry is added.
/// </summary>
internal sealed class TextDictionary : IDisposable
{
    /// <summary>The code of a sequence that means "no value".</summary>
    public const int MissingCode = -1;

    private readonly ColumnPool _pool;
    private readonly ColumnType _type;
    private Slot[] _slots = new Slot[256];
    private int _used;
    private int[] _offsets = new int[128];
    private byte[] _bytes = new byte[1024];
    private TextColumn? _column;

    public TextDictionary(ColumnType type, ColumnPool pool)
    {
        (_type, _pool) = (type with { Nullable = false }, pool);
    }

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Longest sequence that is looked up as one word. Longer ones have keys above all such words.</summary>
    public const int WordBytesMax = 7;

    /// <summary>Makes a sequence of one to seven bytes mean "no value".</summary>
    public void AddMissing(ReadOnlySpan<byte> value) => Insert(Word(value), MissingCode);

    /// <summary>The code of one to seven bytes, the first in the word's lowest byte, the rest of the word zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Code(ulong word)
    {
        Slot[] slots = _slots;
        ref readonly Slot slot = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(slots), (nint)((word * Multiplier) >> 32) & (slots.Length - 1));
        return slot.Key == word ? slot.Code : Search(word);
    }

    /// <summary>The code of a sequence of any length.</summary>
    public int Code(ReadOnlySpan<byte> value)
    {
        if (value.Length is >= 1 and <= WordBytesMax)
        {
            ulong word = Word(value);
            if (word != 0)
            {
                return Code(word);
            }
        }

        return CodeByHash(value);
    }

    /// <summary>The code of a sequence as a value, even where it would mean "no value".</summary>
    public int CodeByHash(ReadOnlySpan<byte> value)
    {
        ulong key = Hash(value);
        int mask = _slots.Length - 1;
        for (int i = Home(key) & mask; _slots[i].Key != 0; i = (i + 1) & mask)
        {
            if (_slots[i].Key == key && _slots[i].Code >= 0 && Entry(_slots[i].Code).SequenceEqual(value))
            {
                return _slots[i].Code;
            }
        }

        return Add(key, value);
    }

    /// <summary>The entries as a column, with a reference for the caller. There is at least one entry.</summary>
    public TextColumn Column()
    {
        if (Count == 0)
        {
            Code([]);
        }

        if (_column is null || _column.Count != Count)
        {
            _column?.Dispose();
            int[] offsets = _pool.Rent<int>(Count + 1);
            _offsets.AsSpan(0, Count + 1).CopyTo(offsets);
            byte[] bytes = _pool.Rent<byte>(_offsets[Count]);
            _bytes.AsSpan(0, _offsets[Count]).CopyTo(bytes);
            _column = new TextColumn(_type, offsets, bytes, Count, null, _pool);
        }

        return (TextColumn)_column.Retain();
    }

    /// <summary>Gives up its own reference to the column.</summary>
    public void Dispose()
    {
        _column?.Dispose();
        _column = null;
    }

    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private static int Home(ulong key) => (int)((key * Multiplier) >> 32);

    private static ulong Word(ReadOnlySpan<byte> value)
    {
        ulong word = 0;
        for (int i = value.Length - 1; i >= 0; i--)
        {
            word = word << 8 | value[i];
        }

        return word;
    }

    /// <summary>A key above those of words; two values may have the same, so entries are compared too.</summary>
    private static ulong Hash(ReadOnlySpan<byte> value)
    {
        ulong hash = (ulong)value.Length + 1;
        while (value.Length >= 8)
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(value)) * Multiplier, 29);
            value = value[8..];
        }

        hash = (hash ^ Word(value)) * Multiplier;
        return hash ^ hash >> 32 | 1UL << 63;
    }

    private ReadOnlySpan<byte> Entry(int code) => _bytes.AsSpan(_offsets[code].._offsets[code + 1]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Search(ulong word)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, word);
        ReadOnlySpan<byte> value = bytes[..(8 - (BitOperations.LeadingZeroCount(word) / 8))];
        int mask = _slots.Length - 1;
        for (int i = Home(word) & mask; _slots[i].Key != 0; i = (i + 1) & mask)
        {
            if (_slots[i].Key == word)
            {
                return _slots[i].Code;
            }
        }

        return Add(word, value);
    }

    private int Add(ulong key, ReadOnlySpan<byte> value)
    {
        int end = _offsets[Count];
        if (end + value.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end + value.Length, checked(_bytes.Length * 2)));
        }

        if (Count + 2 > _offsets.Length)
        {
            Array.Resize(ref _offsets, _offsets.Length * 2);
        }

        value.CopyTo(_bytes.AsSpan(end));
        _offsets[Count + 1] = end + value.Length;
        Insert(key, Count);
        return Count++;
    }

    private void Insert(ulong key, int code)
    {
        if (_used * 4 >= _slots.Length)
        {
            Slot[] old = _slots;
            _slots = new Slot[old.Length * 2];
            foreach (Slot slot in old)
            {
                if (slot.Key != 0)
                {
                    Place(slot);
                }
            }
        }

        _used++;
        Place(new Slot(key, code));
    }

    private void Place(Slot slot)
    {
        int mask = _slots.Length - 1;
        int i = Home(slot.Key) & mask;
        while (_slots[i].Key != 0)
        {
            i = (i + 1) & mask;
        }

        _slots[i] = slot;
    }

    private readonly record struct Slot(ulong Key, int Code);
}
