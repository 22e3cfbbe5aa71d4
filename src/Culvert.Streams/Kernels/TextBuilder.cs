namespace Culvert.Streams.Kernels;

/// <summary>Fills a text column row by row, in rented arrays that grow.</summary>
internal sealed class TextBuilder : IDisposable
{
    private readonly ColumnType _type;
    private readonly ColumnPool _pool;
    private readonly int _count;
    private int[]? _offsets;
    private byte[]? _data;
    private int _length;
    private int _row;

    internal TextBuilder(ColumnType type, in Frame frame)
    {
        (_type, _pool, _count) = (type, frame.Pool, frame.Count);
        _offsets = _pool.Rent<int>(_count + 1);
        _data = _pool.Rent<byte>(Math.Max(64, _count * 8));
    }

    /// <summary>The next row.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        AppendPart(bytes);
        EndRow();
    }

    /// <summary>More of the next row.</summary>
    internal void AppendPart(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _data!.Length - _length)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_data.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>The next row is complete.</summary>
    internal void EndRow() => _offsets![++_row] = _length;

    /// <summary>The column of all rows.</summary>
    internal TextColumn Finish(ulong[]? validity)
    {
        Invariant.Holds(_row == _count);
        _offsets![0] = 0;
        TextColumn column = new(_type, _offsets, _data!, _count, validity, _pool);
        (_offsets, _data) = (null, null);
        return column;
    }

    /// <summary>Gives the arrays back unless a column has them.</summary>
    public void Dispose()
    {
        if (_offsets is not null)
        {
            _pool.Return(_offsets);
            _pool.Return(_data!);
            _offsets = null;
        }
    }

    private void Grow(int more)
    {
        long size = Math.Max((long)_data!.Length * 2, (long)_length + more);
        byte[] larger = _pool.Rent<byte>(checked((int)Math.Min(size, Array.MaxLength)));
        _data.AsSpan(0, _length).CopyTo(larger);
        _pool.Return(_data);
        _data = larger;
    }
}
