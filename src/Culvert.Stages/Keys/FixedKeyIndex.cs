using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Numbers values of up to 64 bits. Small ones are looked up in an array, others in a hash table with open addressing;
/// both stay in a core's cache while the groups of a round are few.
/// </summary>
internal sealed class FixedKeyIndex<T>(ColumnType type) : KeyIndex
    where T : unmanaged
{
    /// <summary>Ordered bits within this distance of zero's are looked up in the array: 32 KiB.</summary>
    private const int DirectMax = 8192;

    private static readonly ulong Base = KeyBits.ToOrdered(default(T));

    private readonly IdTable _table = new();
    private readonly int[] _direct = new int[DirectMax]; // number + 1, 0 where not seen
    private ulong[] _bits = new ulong[64]; // by number
    private int _count;
    private int _missing = -1;

    internal override int Count => _count;

    internal override void Assign(Column column, Span<int> ids)
    {
        ReadOnlySpan<T> values = ((FixedColumn<T>)column).Values;
        Invariant.Holds(values.Length == ids.Length);
        if (!column.AllValid)
        {
            AssignNullable(column, values, ids);
            return;
        }

        ref int direct = ref MemoryMarshal.GetArrayDataReference(_direct);
        for (int i = 0; i < values.Length; i++)
        {
            ulong distance = KeyBits.ToOrdered(values[i]) - Base;
            int id = distance < DirectMax ? Unsafe.Add(ref direct, (int)distance) - 1 : -1;
            ids[i] = id >= 0 ? id : AssignSlowly(distance);
        }
    }

    internal override Column Build(ReadOnlySpan<int> ids)
    {
        FixedColumnBuilder<T> builder = new(type);
        foreach (int id in ids)
        {
            if (id == _missing)
            {
                builder.AppendNull();
            }
            else
            {
                builder.Append(KeyBits.FromOrdered<T>(_bits[id]));
            }
        }

        return builder.Build();
    }

    internal override void Clear()
    {
        for (int id = 0; id < _count; id++)
        {
            ulong distance = _bits[id] - Base;
            if (distance < DirectMax)
            {
                _direct[distance] = 0;
            }
        }

        _table.Clear();
        _count = 0;
        _missing = -1;
    }

    private void AssignNullable(Column column, ReadOnlySpan<T> values, Span<int> ids)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (column.IsNull(i))
            {
                ids[i] = _missing >= 0 ? _missing : _missing = Append(Base - 1);
            }
            else
            {
                ulong distance = KeyBits.ToOrdered(values[i]) - Base;
                int id = distance < DirectMax ? _direct[distance] - 1 : -1;
                ids[i] = id >= 0 ? id : AssignSlowly(distance);
            }
        }
    }

    private int AssignSlowly(ulong distance)
    {
        if (distance < DirectMax)
        {
            int id = Append(distance + Base);
            _direct[distance] = id + 1;
            return id;
        }

        int known = _table.GetOrAdd(distance, _count);
        return known == _count ? Append(distance + Base) : known;
    }

    private int Append(ulong bits)
    {
        if (_count == _bits.Length)
        {
            Array.Resize(ref _bits, _count * 2);
        }

        _bits[_count] = bits;
        return _count++;
    }
}
