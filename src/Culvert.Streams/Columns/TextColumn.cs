namespace Culvert.Streams;

/// <summary>Byte sequences laid end to end, with the offset at which each starts.</summary>
public sealed class TextColumn : BytesColumn
{
    private int[] _offsets;
    private byte[] _data;

    /// <summary>
    /// Makes a column that owns the arrays: row i is <paramref name="data"/> from <c>offsets[i]</c> to <c>offsets[i + 1]</c>,
    /// so there are <paramref name="count"/> + 1 offsets, in ascending order. A missing row is empty.
    /// </summary>
    public TextColumn(ColumnType type, int[] offsets, byte[] data, int count, ulong[]? validity = null, ColumnPool? pool = null)
        : base(type, count, validity, pool ?? ColumnPool.Shared)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, offsets.Length);
        _offsets = offsets;
        _data = data;
    }

    /// <summary>Where each row starts, and where the last ends.</summary>
    public ReadOnlySpan<int> Offsets => _offsets.AsSpan(0, Count + 1);

    /// <summary>All rows' bytes.</summary>
    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _offsets[Count]);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetBytes(int row)
    {
        int start = _offsets[row];
        return _data.AsSpan(start, _offsets[row + 1] - start);
    }

    /// <inheritdoc/>
    public override Column Gather(ReadOnlySpan<int> rows)
    {
        int[] offsets = Pool.Rent<int>(rows.Length + 1);
        int length = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            offsets[i] = length;
            length = checked(length + _offsets[rows[i] + 1] - _offsets[rows[i]]);
        }

        offsets[rows.Length] = length;
        byte[] data = Pool.Rent<byte>(length);
        for (int i = 0; i < rows.Length; i++)
        {
            GetBytes(rows[i]).CopyTo(data.AsSpan(offsets[i]));
        }

        return new TextColumn(Type, offsets, data, rows.Length, GatherValidity(rows), Pool);
    }

    private protected override void ReturnArrays()
    {
        (int[] offsets, byte[] data) = (_offsets, _data);
        (_offsets, _data) = ([0], []);
        Pool.Return(offsets);
        Pool.Return(data);
    }
}
