using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Counts rows; with a boolean argument those where it is true, with another those where it is not missing.</summary>
internal sealed class CountAccumulator(ColumnType? argument) : FixedAccumulator<long>
{
    internal override void Fold(Column? column, ReadOnlySpan<int> groups, int groupCount)
    {
        long[] states = States(groupCount);
        if (argument is { Kind: ValueKind.Bool })
        {
            ReadOnlySpan<bool> values = ((FixedColumn<bool>)column!).Values;
            for (int i = 0; i < groups.Length; i++)
            {
                states[groups[i]] += values[i] ? 1 : 0; // a missing value is stored as false
            }
        }
        else if (column is null || column.AllValid)
        {
            FoldAll(states, groups);
        }
        else
        {
            for (int i = 0; i < groups.Length; i++)
            {
                states[groups[i]] += column.IsNull(i) ? 0 : 1;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldAll(long[] states, ReadOnlySpan<int> groups)
    {
        // The index gives numbers below the count for which there is room: no bound is checked twice.
        ref long first = ref MemoryMarshal.GetArrayDataReference(states);
        for (int i = 0; i < groups.Length; i++)
        {
            Unsafe.Add(ref first, groups[i])++;
        }
    }

    private protected override bool CanBe(ReadOnlySpan<long> states) => !states.ContainsAnyInRange(long.MinValue, -1);

    private protected override void MergeInto(ref long state, in long other) => state += other;

    private protected override void FinishState(in long state, ColumnBuilder builder) =>
        ((FixedColumnBuilder<long>)builder).Append(state);
}
