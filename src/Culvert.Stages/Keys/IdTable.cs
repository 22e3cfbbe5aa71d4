using System.Numerics;
using System.Runtime.CompilerServices;

namespace Culvert.Stages;

/// <summary>From 64 bits to a number: a hash table with open addressing and linear probing, at most half full.</summary>
internal sealed class IdTable
{
    private const int CapacityMin = 256;

    private Slot[] _slots = new Slot[CapacityMin];
    private int _count;

    /// <summary>The number of a key; when the key is new, <paramref name="next"/> is given to it and returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int GetOrAdd(ulong key, int next)
    {
        Slot[] slots = _slots;
        uint index = Index(key, slots.Length);
        while (true)
        {
            ref Slot slot = ref slots[index];
            if (slot.Number == 0)
            {
                Add(key, next);
                return next;
            }

            if (slot.Key == key)
            {
                return slot.Number - 1;
            }

            index = (index + 1) & (uint)(slots.Length - 1);
        }
    }

    internal void Clear()
    {
        if (_count > 0)
        {
            if (_slots.Length > CapacityMin * 64)
            {
                _slots = new Slot[CapacityMin];
            }
            else
            {
                Array.Clear(_slots);
            }

            _count = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Index(ulong key, int length) =>
        (uint)((key * 0x9E3779B97F4A7C15UL) >> (64 - BitOperations.Log2((uint)length)));

    private void Add(ulong key, int number)
    {
        if ((_count + 1) * 2 > _slots.Length)
        {
            Slot[] old = _slots;
            _slots = new Slot[old.Length * 2];
            foreach (Slot slot in old)
            {
                if (slot.Number != 0)
                {
                    Insert(slot);
                }
            }
        }

        Insert(new Slot(key, number + 1));
        _count++;
    }

    private void Insert(Slot added)
    {
        uint index = Index(added.Key, _slots.Length);
        while (_slots[index].Number != 0)
        {
            index = (index + 1) & (uint)(_slots.Length - 1);
        }

        _slots[index] = added;
    }

    private record struct Slot(ulong Key, int Number);
}
