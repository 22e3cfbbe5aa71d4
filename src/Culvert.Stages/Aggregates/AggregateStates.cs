using System.Buffers.Binary;
using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// The states of all aggregates of a group as one value of a <see cref="StateTable"/>: side by side where all have fixed
/// sizes, else each behind its length (4 bytes, little-endian).
/// </summary>
internal sealed class AggregateStates
{
    private readonly Accumulator[] _accumulators;
    private readonly ByteBuffer _merged = new();

    internal AggregateStates(ImmutableArray<AggregateColumn> columns)
    {
        _accumulators = [.. columns.Select(Accumulator.Create)];
        IsFixed = _accumulators.All(a => a.StateBytes > 0);
        ValueSize = IsFixed ? _accumulators.Sum(a => a.StateBytes) : 0;
    }

    internal bool IsFixed { get; }

    /// <summary>Bytes of a value, or 0 where they differ.</summary>
    internal int ValueSize { get; }

    internal ReadOnlySpan<Accumulator> Accumulators => _accumulators;

    /// <summary>Merges a row of state columns, the first of which is <paramref name="firstColumn"/>, into a key's states.</summary>
    internal void MergeRow(StateTable table, ReadOnlySpan<byte> key, ulong hash, Batch batch, int row, int firstColumn)
    {
        if (IsFixed)
        {
            Span<byte> value = table.GetOrAdd(key, hash, out _);
            for (int i = 0; i < _accumulators.Length; i++)
            {
                int size = _accumulators[i].StateBytes;
                _accumulators[i].MergeRow(value[..size], batch[firstColumn + i], row);
                value = value[size..];
            }

            return;
        }

        table.TryGet(key, hash, out ReadOnlySpan<byte> old);
        _merged.Clear();
        for (int i = 0; i < _accumulators.Length; i++)
        {
            int start = _merged.Length;
            _merged.Append(sizeof(int));
            _accumulators[i].MergeRow(TakeState(ref old), batch[firstColumn + i], row, _merged);
            WriteLength(start);
        }

        table.Set(key, hash, _merged.Span);
    }

    /// <summary>Merges a stored value into a key's states.</summary>
    internal void MergeValue(StateTable table, ReadOnlySpan<byte> key, ulong hash, ReadOnlySpan<byte> other)
    {
        if (IsFixed)
        {
            Span<byte> value = table.GetOrAdd(key, hash, out bool added);
            if (added)
            {
                other.CopyTo(value);
                return;
            }

            foreach (Accumulator accumulator in _accumulators)
            {
                int size = accumulator.StateBytes;
                accumulator.MergeState(value[..size], other[..size]);
                value = value[size..];
                other = other[size..];
            }

            return;
        }

        table.TryGet(key, hash, out ReadOnlySpan<byte> old);
        _merged.Clear();
        foreach (Accumulator accumulator in _accumulators)
        {
            int start = _merged.Length;
            _merged.Append(sizeof(int));
            accumulator.MergeState(TakeState(ref old), TakeState(ref other), _merged);
            WriteLength(start);
        }

        table.Set(key, hash, _merged.Span);
    }

    /// <summary>Appends the results of a key's states; the first of the builders is <paramref name="first"/>.</summary>
    internal void Finish(ReadOnlySpan<byte> value, ColumnBuilder[] builders, int first)
    {
        for (int i = 0; i < _accumulators.Length; i++)
        {
            ReadOnlySpan<byte> state;
            if (IsFixed)
            {
                int size = _accumulators[i].StateBytes;
                state = value[..size];
                value = value[size..];
            }
            else
            {
                state = TakeState(ref value);
            }

            if (first + i < builders.Length)
            {
                _accumulators[i].Finish(state, builders[first + i]);
            }
        }
    }

    private static ReadOnlySpan<byte> TakeState(scoped ref ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return default;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(value);
        ReadOnlySpan<byte> state = value.Slice(sizeof(int), length);
        value = value[(sizeof(int) + length)..];
        return state;
    }

    private void WriteLength(int start) => BinaryPrimitives.WriteInt32LittleEndian(
        _merged.WritableSpan[start..], _merged.Length - start - sizeof(int));
}
