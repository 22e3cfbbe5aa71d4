using System.Globalization;

namespace Culvert.Streams;

/// <summary>Builds a <see cref="FixedColumn{T}"/>.</summary>
public sealed class FixedColumnBuilder<T>(ColumnType type, ColumnPool? pool = null)
    : ColumnBuilder(type, pool ?? ColumnPool.Shared)
    where T : unmanaged
{
    private T[] _values = [];

    /// <summary>Appends a value.</summary>
    public void Append(T value)
    {
        if (Count == _values.Length)
        {
            Grow();
        }

        _values[Count++] = value;
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
            Append(((FixedColumn<T>)column).Values[row]);
        }
    }

    /// <inheritdoc/>
    public override void AppendObject(object? value)
    {
        if (value is null)
        {
            AppendNull();
        }
        else if (value is T typed)
        {
            Append(typed);
        }
        else
        {
            Append((T)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc/>
    public override Column Build()
    {
        FixedColumn<T> column = new(Type, _values, Count, TakeValidity(), Pool);
        _values = [];
        Count = 0;
        return column;
    }

    private protected override void AppendDefault() => Append(default);

    private void Grow()
    {
        T[] larger = Pool.Rent<T>(Math.Max(64, _values.Length * 2));
        _values.AsSpan(0, Count).CopyTo(larger);
        Pool.Return(_values);
        _values = larger;
    }
}
