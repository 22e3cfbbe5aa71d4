using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// One aggregate at work. Rows are folded into states of a round, numbered as a <see cref="GroupIndex"/> numbers their
/// keys; at the round's end the states leave as a column, and are merged, row by row, into the states of a
/// <see cref="StateTable"/>; in the end a state becomes a value.
/// </summary>
internal abstract class Accumulator
{
    /// <summary>The type of the column of states.</summary>
    internal abstract ColumnType StateType { get; }

    /// <summary>Bytes of a state in a table, or 0 where they differ.</summary>
    internal abstract int StateBytes { get; }

    /// <summary>Folds a batch's rows: the argument (null for a plain count), the group of each row, and how many groups there are by now.</summary>
    internal abstract void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount);

    /// <summary>The states of the given groups as a column.</summary>
    internal abstract Column TakeStates(ReadOnlySpan<int> groups);

    /// <summary>The column of <paramref name="count"/> states that another place took, from their bytes; null when one of them cannot be. For states of fixed size.</summary>
    internal virtual Column? ReadStates(ReadOnlySpan<byte> bytes, int count, ColumnPool pool) =>
        throw new InvalidOperationException($"{StateType} is a column like others");

    /// <summary>Forgets the round's states.</summary>
    internal abstract void Clear();

    /// <summary>Merges row <paramref name="row"/> of a column of states into a state of fixed size, in place; all zeros is the state of no rows.</summary>
    internal abstract void MergeRow(Span<byte> state, Column states, int row);

    /// <summary>Merges a stored state of fixed size into another, in place.</summary>
    internal abstract void MergeState(Span<byte> state, ReadOnlySpan<byte> other);

    /// <summary>As the other overload, for states of any size: the merged state is appended to <paramref name="result"/>; empty is the state of no rows.</summary>
    internal abstract void MergeRow(ReadOnlySpan<byte> state, Column states, int row, ByteBuffer result);

    /// <summary>As the other overload, for states of any size.</summary>
    internal abstract void MergeState(ReadOnlySpan<byte> state, ReadOnlySpan<byte> other, ByteBuffer result);

    /// <summary>Appends the value of a state.</summary>
    internal abstract void Finish(ReadOnlySpan<byte> state, ColumnBuilder builder);

    /// <summary>Appends the value for no rows at all.</summary>
    internal abstract void FinishEmpty(ColumnBuilder builder);

    internal static Accumulator Create(AggregateColumn column)
    {
        ColumnType? argument = column.Argument?.Type;
        if (column.Function == AggregateFunction.Count)
        {
            return new CountAccumulator(argument);
        }

        ColumnType type = argument!.Value;
        bool minimum = column.Function == AggregateFunction.Min;
        return column.Function switch
        {
            AggregateFunction.Min or AggregateFunction.Max when type.IsBytes => new BytesExtremumAccumulator(type, minimum),
            AggregateFunction.Min or AggregateFunction.Max => ValueKinds.Visit(type.Kind, new ExtremumMaker(minimum)),
            AggregateFunction.Sum or AggregateFunction.Average => ValueKinds.Visit(
                type.Kind, new SumMaker(column.Function == AggregateFunction.Average, column.Name)),
            _ => throw new InvalidOperationException($"no aggregate {column.Function}"),
        };
    }

    private sealed class ExtremumMaker(bool minimum) : IValueKindVisitor<Accumulator>
    {
        public Accumulator Visit<T>()
            where T : unmanaged => new ExtremumAccumulator<T>(minimum);
    }

    private sealed class SumMaker(bool average, string name) : IValueKindVisitor<Accumulator>
    {
        public Accumulator Visit<T>()
            where T : unmanaged =>
            typeof(T) == typeof(decimal) ? new DecimalSumAccumulator(average, name)
            : typeof(T) == typeof(double) || typeof(T) == typeof(float) ? new FloatSumAccumulator<T>(average)
            : new IntegerSumAccumulator<T>(average, name);
    }
}
