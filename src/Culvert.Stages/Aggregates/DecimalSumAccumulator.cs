using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Sums or averages decimals, in order as floating-point sums are: additions of decimals round as well.</summary>
internal sealed class DecimalSumAccumulator(bool average, string name) : FixedAccumulator<SumState<decimal>>
{
    internal override void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount)
    {
        FixedColumn<decimal> column = (FixedColumn<decimal>)argument!;
        SumState<decimal>[] states = States(groupCount);
        ReadOnlySpan<decimal> values = column.Values;
        for (int i = 0; i < groups.Length; i++)
        {
            if (!column.IsNull(i))
            {
                ref SumState<decimal> state = ref states[groups[i]];
                state = new SumState<decimal>(Add(state.Sum, values[i]), state.Count + 1);
            }
        }
    }

    private protected override bool CanBe(ReadOnlySpan<SumState<decimal>> states)
    {
        foreach (ref readonly SumState<decimal> state in states)
        {
            decimal sum = state.Sum;
            if (state.Count < 0 || !ValueBytes.CanBe<decimal>(MemoryMarshal.AsBytes(new ReadOnlySpan<decimal>(in sum))))
            {
                return false;
            }
        }

        return true;
    }

    private protected override void MergeInto(ref SumState<decimal> state, in SumState<decimal> other) =>
        state = new SumState<decimal>(Add(state.Sum, other.Sum), state.Count + other.Count);

    private protected override void FinishState(in SumState<decimal> state, ColumnBuilder builder)
    {
        if (average && state.Count == 0)
        {
            builder.AppendNull();
        }
        else
        {
            ((FixedColumnBuilder<decimal>)builder).Append(average ? state.Sum / state.Count : state.Sum);
        }
    }

    private decimal Add(decimal left, decimal right)
    {
        try
        {
            return left + right;
        }
        catch (OverflowException)
        {
            throw new StageFailedException($"the sum '{name}' does not fit into a decimal: {left} + {right}");
        }
    }
}
