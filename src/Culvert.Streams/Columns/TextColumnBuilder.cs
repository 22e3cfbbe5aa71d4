using System.Text;

namespace Culvert.Streams;

/// <summary>Builds a <see cref="TextColumn"/>.</summary>
public sealed class TextColumnBuilder(ColumnType type, ColumnPool? pool = null)
    : ColumnBuilder(type, pool ?? ColumnPool.Shared)
{
    private int[] _offsets = [];
    private byte[] _data = [];
    private int _length;

    /// <summary>Appends a value.</summary>
    public void Append(ReadOnlySpan<byte> value)
    {
        if (Count + 1 >= _offsets.Length)
        {
            _offsets = Grow(_offsets, Count, Count + 2);
        }

        if (_length + value.Length > _data.Length)
        {
            _data = Grow(_data, _length, checked(_length + value.Length));
        }

        _offsets[Count++] = _length;
        value.CopyTo(_data.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Appends a value as UTF-8.</summary>
    public void Append(string value)
    {
        int bound = Encoding.UTF8.GetMaxByteCount(value.Length);
        byte[] bytes = Pool.Rent<byte>(bound);
        Append(bytes.AsSpan(0, Encoding.UTF8.GetBytes(value, bytes)));
        Pool.Return(bytes);
    }

    /// <inheritdoc/>
    public override void AppendFrom(Column column, int row)
    {
        if (column.IsNull(row))
        {
            AppendNull();
        }
        else
        {
            Append(((BytesColumn)column).GetBytes(row));
        }
    }

    /// <inheritdoc/>
    public override void AppendObject(object? value)
    {
        switch (value)
        {
            case null:
                AppendNull();
                break;
            case string text:
                Append(text);
                break;
            default:
                Append((byte[])value);
                break;
        }
    }

    /// <inheritdoc/>
    public override Column Build()
    {
        if (_offsets.Length == 0)
        {
            _offsets = Pool.Rent<int>(1);
        }

        _offsets[Count] = _length;
        TextColumn column = new(Type, _offsets, _data, Count, TakeValidity(), Pool);
        (_offsets, _data, _length, Count) = ([], [], 0, 0);
        return column;
    }

    private protected override void AppendDefault() => Append(default(ReadOnlySpan<byte>));

    private T[] Grow<T>(T[] array, int used, int needed)
    {
        T[] larger = Pool.Rent<T>(Math.Max(64, Math.Max(needed, array.Length * 2)));
        array.AsSpan(0, used).CopyTo(larger);
        Pool.Return(array);
        return larger;
    }
}
