using System.Runtime.CompilerServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Sums or averages floating-point numbers as doubles, in the order of the rows within a producer and in the order of
/// the producers within a round: the planner asks for ordered edges, so that a replay gives the same last digit.
/// </summary>
internal sealed class FloatSumAccumulator<T>(bool average) : FixedAccumulator<SumState<double>>
    where T : unmanaged
{
    internal override void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount)
    {
        FixedColumn<T> column = (FixedColumn<T>)argument!;
        SumState<double>[] states = States(groupCount);
        ReadOnlySpan<T> values = column.Values;
        bool allValid = column.AllValid;
        for (int i = 0; i < groups.Length; i++)
        {
            if (allValid || !column.IsNull(i))
            {
                ref SumState<double> state = ref states[groups[i]];
                state.Sum += Widen(values[i]);
                state.Count++;
            }
        }
    }

    private protected override bool CanBe(ReadOnlySpan<SumState<double>> states)
    {
        foreach (ref readonly SumState<double> state in states)
        {
            if (state.Count < 0)
            {
                return false;
            }
        }

        return true;
    }

    private protected override void MergeInto(ref SumState<double> state, in SumState<double> other)
    {
        state.Sum += other.Sum;
        state.Count += other.Count;
    }

    private protected override void FinishState(in SumState<double> state, ColumnBuilder builder)
    {
        if (average && state.Count == 0)
        {
            builder.AppendNull();
        }
        else
        {
            ((FixedColumnBuilder<double>)builder).Append(average ? state.Sum / state.Count : state.Sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Widen(T value) =>
        typeof(T) == typeof(double) ? Unsafe.BitCast<T, double>(value) : Unsafe.BitCast<T, float>(value);
}
