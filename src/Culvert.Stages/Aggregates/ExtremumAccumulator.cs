using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>The least or greatest of fixed-size values, compared as <see cref="Comparer{T}"/> does: NaN is below every number.</summary>
internal sealed class ExtremumAccumulator<T>(bool minimum) : FixedAccumulator<ExtremumState<T>>
    where T : unmanaged
{
    internal override void Fold(Column? argument, ReadOnlySpan<int> groups, int groupCount)
    {
        FixedColumn<T> column = (FixedColumn<T>)argument!;
        ExtremumState<T>[] states = States(groupCount);
        ReadOnlySpan<T> values = column.Values;
        for (int i = 0; i < groups.Length; i++)
        {
            if (!column.IsNull(i))
            {
                Offer(ref states[groups[i]], values[i]);
            }
        }
    }

    private protected override bool CanBe(ReadOnlySpan<ExtremumState<T>> states)
    {
        foreach (ref readonly ExtremumState<T> state in states)
        {
            T value = state.Value;
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
            if (state.HasValue > 1 || !ValueBytes.CanBe<T>(bytes) || (state.HasValue == 0 && bytes.ContainsAnyExcept((byte)0)))
            {
                return false;
            }
        }

        return true;
    }

    private protected override void MergeInto(ref ExtremumState<T> state, in ExtremumState<T> other)
    {
        if (other.HasValue != 0)
        {
            Offer(ref state, other.Value);
        }
    }

    private protected override void FinishState(in ExtremumState<T> state, ColumnBuilder builder)
    {
        if (state.HasValue == 0)
        {
            builder.AppendNull();
        }
        else
        {
            ((FixedColumnBuilder<T>)builder).Append(state.Value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(ref ExtremumState<T> state, T value)
    {
        if (state.HasValue == 0 || (Comparer<T>.Default.Compare(value, state.Value) is var order && (minimum ? order < 0 : order > 0)))
        {
            state = new ExtremumState<T> { Value = value, HasValue = 1 };
        }
    }
}

/// <summary>A value, once there is one. Padding is zeroed by construction, since states are compared and stored as bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct ExtremumState<T>
    where T : unmanaged
{
    internal T Value;
    internal byte HasValue;
}
