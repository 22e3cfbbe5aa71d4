using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>The least or greatest of texts or bytes, byte by byte. A stored state is empty for none, else a 1 and the bytes.</summary>
internal sealed class BytesExtremumAccumulator(ColumnType type, bool minimum) : Accumulator
{
    private readonly List<byte[]?> _values = [];

    internal override ColumnType StateType => new(type.Kind, Nullable: true);

    internal override int StateBytes => 0;

    internal override void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount)
    {
        BytesColumn column = (BytesColumn)argument!;
        while (_values.Count < groupCount)
        {
            _values.Add(null);
        }

        for (int i = 0; i < groups.Length; i++)
        {
            if (!column.IsNull(i))
            {
                ReadOnlySpan<byte> value = column.GetBytes(i);
                if (_values[groups[i]] is not { } best || IsBetter(value, best))
                {
                    _values[groups[i]] = value.ToArray();
                }
            }
        }
    }

    internal override Column TakeStates(ReadOnlySpan<int> groups)
    {
        TextColumnBuilder builder = new(StateType);
        foreach (int group in groups)
        {
            if (_values[group] is { } value)
            {
                builder.Append(value);
            }
            else
            {
                builder.AppendNull();
            }
        }

        return builder.Build();
    }

    internal override void Clear() => _values.Clear();

    internal override void MergeRow(Span<byte> state, Column states, int row) =>
        throw new InvalidOperationException("a text has no fixed size");

    internal override void MergeState(Span<byte> state, ReadOnlySpan<byte> other) =>
        throw new InvalidOperationException("a text has no fixed size");

    internal override void MergeRow(ReadOnlySpan<byte> state, Column states, int row, ByteBuffer result)
    {
        BytesColumn column = (BytesColumn)states;
        if (!column.IsNull(row) && (state.IsEmpty || IsBetter(column.GetBytes(row), state[1..])))
        {
            result.Append(1)[0] = 1;
            result.Append(column.GetBytes(row));
        }
        else
        {
            result.Append(state);
        }
    }

    internal override void MergeState(ReadOnlySpan<byte> state, ReadOnlySpan<byte> other, ByteBuffer result) =>
        result.Append(!other.IsEmpty && (state.IsEmpty || IsBetter(other[1..], state[1..])) ? other : state);

    internal override void Finish(ReadOnlySpan<byte> state, ColumnBuilder builder)
    {
        if (state.IsEmpty)
        {
            builder.AppendNull();
        }
        else
        {
            ((TextColumnBuilder)builder).Append(state[1..]);
        }
    }

    internal override void FinishEmpty(ColumnBuilder builder) => builder.AppendNull();

    private bool IsBetter(ReadOnlySpan<byte> value, ReadOnlySpan<byte> than)
    {
        int order = value.SequenceCompareTo(than);
        return minimum ? order < 0 : order > 0;
    }
}
