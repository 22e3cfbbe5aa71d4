using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>An aggregate whose state has one size: an array of structs while a round lasts, the same bytes in a table.</summary>
internal abstract class FixedAccumulator<TState> : Accumulator
    where TState : unmanaged
{
    private TState[] _states = new TState[64];
    private int _used;

    internal override ColumnType StateType => new(ValueKind.State);

    internal override int StateBytes => Unsafe.SizeOf<TState>();

    internal override Column TakeStates(ReadOnlySpan<int> groups)
    {
        TState[] states = ColumnPool.Shared.Rent<TState>(groups.Length);
        for (int i = 0; i < groups.Length; i++)
        {
            states[i] = StateOf(groups[i]);
        }

        return new FixedColumn<TState>(StateType, states, groups.Length);
    }

    internal override Column? ReadStates(ReadOnlySpan<byte> bytes, int count, ColumnPool pool)
    {
        TState[] states = pool.Rent<TState>(count);
        bytes.CopyTo(MemoryMarshal.AsBytes(states.AsSpan(0, count)));
        if (CanBe(states.AsSpan(0, count)))
        {
            return new FixedColumn<TState>(StateType, states, count, null, pool);
        }

        pool.Return(states);
        return null;
    }

    internal override void Clear()
    {
        _states.AsSpan(0, _used).Clear();
        _used = 0;
    }

    internal override void MergeRow(Span<byte> state, Column states, int row) =>
        MergeInto(ref MemoryMarshal.AsRef<TState>(state), ((FixedColumn<TState>)states).Values[row]);

    internal override void MergeState(Span<byte> state, ReadOnlySpan<byte> other) =>
        MergeInto(ref MemoryMarshal.AsRef<TState>(state), MemoryMarshal.Read<TState>(other));

    internal override void MergeRow(ReadOnlySpan<byte> state, Column states, int row, ByteBuffer result) =>
        MergeRow(Copy(state, result), states, row);

    internal override void MergeState(ReadOnlySpan<byte> state, ReadOnlySpan<byte> other, ByteBuffer result) =>
        MergeState(Copy(state, result), other);

    private Span<byte> Copy(ReadOnlySpan<byte> state, ByteBuffer result)
    {
        Span<byte> target = result.Append(StateBytes);
        target.Clear();
        state.CopyTo(target);
        return target;
    }

    internal override void Finish(ReadOnlySpan<byte> state, ColumnBuilder builder) =>
        FinishState(MemoryMarshal.Read<TState>(state), builder);

    internal override void FinishEmpty(ColumnBuilder builder) => FinishState(default, builder);

    /// <summary>The round's states, with room for that many groups; new ones are zeros.</summary>
    private protected TState[] States(int groupCount)
    {
        if (groupCount > _states.Length)
        {
            Array.Resize(ref _states, Math.Max(groupCount, _states.Length * 2));
        }

        _used = Math.Max(_used, groupCount);
        return _states;
    }

    private protected virtual TState StateOf(int group) => _states[group];

    /// <summary>Whether states that came as bytes are such as rows can make.</summary>
    private protected abstract bool CanBe(ReadOnlySpan<TState> states);

    /// <summary>Merges two states; all zeros is the state of no rows.</summary>
    private protected abstract void MergeInto(ref TState state, in TState other);

    private protected abstract void FinishState(in TState state, ColumnBuilder builder);
}
