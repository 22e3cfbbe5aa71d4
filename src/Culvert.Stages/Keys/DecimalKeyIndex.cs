using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Numbers decimals by value: 1.0 and 1.00 are one.</summary>
internal sealed class DecimalKeyIndex(ColumnType type) : KeyIndex
{
    private readonly Dictionary<decimal, int> _numbers = [];
    private readonly List<decimal> _values = [];
    private int _missing = -1;

    internal override int Count => _values.Count;

    internal override void Assign(Column column, Span<int> ids)
    {
        ReadOnlySpan<decimal> values = ((FixedColumn<decimal>)column).Values;
        for (int i = 0; i < ids.Length; i++)
        {
            if (column.IsNull(i))
            {
                ids[i] = _missing >= 0 ? _missing : _missing = Append(0);
            }
            else if (!_numbers.TryGetValue(values[i], out ids[i]))
            {
                _numbers.Add(values[i], ids[i] = Append(values[i]));
            }
        }
    }

    internal override Column Build(ReadOnlySpan<int> ids)
    {
        FixedColumnBuilder<decimal> builder = new(type);
        foreach (int id in ids)
        {
            if (id == _missing)
            {
                builder.AppendNull();
            }
            else
            {
                builder.Append(_values[id]);
            }
        }

        return builder.Build();
    }

    internal override void Clear()
    {
        _numbers.Clear();
        _values.Clear();
        _missing = -1;
    }

    private int Append(decimal value)
    {
        _values.Add(value);
        return _values.Count - 1;
    }
}
