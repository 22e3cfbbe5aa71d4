using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>A column of values of one fixed size.</summary>
public sealed class FixedColumn<T> : Column
    where T : unmanaged
{
    private T[] _values;

    /// <summary>
    /// Makes a column that owns the two arrays from here on; both come from <paramref name="pool"/> and may be longer
    /// than needed. <paramref name="validity"/> is null when every row has a value; a missing row's value must be default.
    /// </summary>
    public FixedColumn(ColumnType type, T[] values, int count, ulong[]? validity = null, ColumnPool? pool = null)
        : base(type, count, validity, pool ?? ColumnPool.Shared)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, values.Length);
        _values = values;
    }

    /// <summary>The values, one per row.</summary>
    public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    /// <summary>The array behind <see cref="Values"/>, for compiled row readers; valid while a reference is held.</summary>
    public T[] Array => _values;

    internal override ReadOnlySpan<byte> ValueBytes => MemoryMarshal.AsBytes(Values);

    /// <inheritdoc/>
    public override Column Gather(ReadOnlySpan<int> rows)
    {
        T[] values = Pool.Rent<T>(rows.Length);
        ref T source = ref MemoryMarshal.GetArrayDataReference(_values);
        int count = Count;
        for (int i = 0; i < rows.Length; i++)
        {
            int row = rows[i];
            if ((uint)row >= (uint)count)
            {
                throw new ArgumentOutOfRangeException(nameof(rows));
            }

            values[i] = Unsafe.Add(ref source, row);
        }

        return new FixedColumn<T>(Type, values, rows.Length, GatherValidity(rows), Pool);
    }

    /// <inheritdoc/>
    public override object? GetValue(int row) => IsNull(row) ? null : Values[row];

    private protected override void ReturnArrays()
    {
        T[] values = _values;
        _values = [];
        Pool.Return(values);
    }
}
