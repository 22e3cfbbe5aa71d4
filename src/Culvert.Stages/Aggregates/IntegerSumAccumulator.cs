using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Sums or averages whole numbers exactly: 64 bits while a round lasts, 128 as soon as those overflow and in every state
/// that is kept. Since the sum is exact, it does not depend on the order of the rows.
/// </summary>
internal sealed class IntegerSumAccumulator<T>(bool average, string name) : FixedAccumulator<SumState<Int128>>
    where T : unmanaged
{
    private long[] _sums = new long[64];
    private long[] _counts = new long[64];
    private int _groups;

    internal override void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount)
    {
        FixedColumn<T> column = (FixedColumn<T>)argument!;
        SumState<Int128>[] spills = States(groupCount);
        _groups = Math.Max(_groups, groupCount);
        if (_sums.Length < groupCount)
        {
            Array.Resize(ref _sums, spills.Length);
            Array.Resize(ref _counts, spills.Length);
        }

        if (average)
        {
            FoldCounts(column, groups);
        }

        if (Unsafe.SizeOf<T>() < sizeof(long))
        {
            FoldNarrow(_sums, column.Values, groups); // a missing value is stored as 0
        }
        else
        {
            FoldWide(_sums, spills, column.Values, groups);
        }
    }

    internal override void Clear()
    {
        base.Clear();
        _sums.AsSpan(0, _groups).Clear();
        _counts.AsSpan(0, _groups).Clear();
        _groups = 0;
    }

    private protected override SumState<Int128> StateOf(int group)
    {
        SumState<Int128> spilled = base.StateOf(group);
        return new SumState<Int128>(spilled.Sum + _sums[group], _counts[group]);
    }

    private protected override bool CanBe(ReadOnlySpan<SumState<Int128>> states)
    {
        foreach (ref readonly SumState<Int128> state in states)
        {
            if (state.Count < 0)
            {
                return false;
            }
        }

        return true;
    }

    private protected override void MergeInto(ref SumState<Int128> state, in SumState<Int128> other) =>
        state = new SumState<Int128>(state.Sum + other.Sum, state.Count + other.Count);

    private protected override void FinishState(in SumState<Int128> state, ColumnBuilder builder)
    {
        if (!average)
        {
            if (state.Sum < long.MinValue || state.Sum > long.MaxValue)
            {
                throw new StageFailedException($"the sum '{name}' is {state.Sum}, which does not fit into 64 bits");
            }

            ((FixedColumnBuilder<long>)builder).Append((long)state.Sum);
        }
        else if (state.Count == 0)
        {
            builder.AppendNull();
        }
        else
        {
            ((FixedColumnBuilder<double>)builder).Append((double)state.Sum / state.Count);
        }
    }

    // A round has fewer than 2^31 rows of a batch times 2^31: 64 bits hold the sum of numbers of 32 bits or fewer.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldNarrow(long[] sums, ReadOnlySpan<T> values, ReadOnlySpan<int> groups)
    {
        Invariant.Holds(values.Length == groups.Length);
        ref long first = ref MemoryMarshal.GetArrayDataReference(sums);
        for (int i = 0; i < groups.Length; i++)
        {
            Unsafe.Add(ref first, groups[i]) += Widen(values[i]);
        }
    }

    private static void FoldWide(long[] sums, SumState<Int128>[] spills, ReadOnlySpan<T> values, ReadOnlySpan<int> groups)
    {
        for (int i = 0; i < groups.Length; i++)
        {
            int group = groups[i];
            if (typeof(T) == typeof(ulong) && Unsafe.BitCast<T, ulong>(values[i]) > long.MaxValue)
            {
                spills[group].Sum += Unsafe.BitCast<T, ulong>(values[i]);
                continue;
            }

            long value = Widen(values[i]);
            long sum = sums[group];
            long total = unchecked(sum + value);
            if (((sum ^ total) & (value ^ total)) < 0)
            {
                spills[group].Sum += sum;
                total = value;
            }

            sums[group] = total;
        }
    }

    private void FoldCounts(FixedColumn<T> column, ReadOnlySpan<int> groups)
    {
        for (int i = 0; i < groups.Length; i++)
        {
            _counts[groups[i]] += column.IsNull(i) ? 0 : 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Widen(T value) =>
        typeof(T) == typeof(int) ? Unsafe.BitCast<T, int>(value)
        : typeof(T) == typeof(long) ? Unsafe.BitCast<T, long>(value)
        : typeof(T) == typeof(short) ? Unsafe.BitCast<T, short>(value)
        : typeof(T) == typeof(sbyte) ? Unsafe.BitCast<T, sbyte>(value)
        : typeof(T) == typeof(byte) ? Unsafe.BitCast<T, byte>(value)
        : typeof(T) == typeof(ushort) ? Unsafe.BitCast<T, ushort>(value)
        : typeof(T) == typeof(uint) ? Unsafe.BitCast<T, uint>(value)
        : typeof(T) == typeof(ulong) ? (long)Unsafe.BitCast<T, ulong>(value)
        : throw new InvalidOperationException($"{typeof(T)} is no whole number");
}
