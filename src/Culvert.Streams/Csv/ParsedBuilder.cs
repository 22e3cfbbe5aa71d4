using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>How one type is read from a field that is not missing, has no quotes and no space around it.</summary>
internal interface IFieldParser<T>
{
    static abstract bool TryParse(ReadOnlySpan<byte> field, out T value);
}

/// <summary>Fixed-size values that a parser reads field by field.</summary>
internal sealed class ParsedBuilder<T, TParser>(ColumnType type, MissingValues missing, ColumnPool pool, int capacity)
    : FieldBuilder(type, missing, pool, capacity)
    where T : unmanaged
    where TParser : IFieldParser<T>
{
    private T[]? _values;
    private byte[] _scratch = [];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(in FieldRun run, int row)
    {
        _values ??= Pool.Rent<T>(Capacity);
        Span<T> values = _values.AsSpan(row, run.Rows);
        int index = run.First;
        for (int i = 0; i < values.Length; i++, index += run.Stride)
        {
            int start = run.Locate(ref run.Positions[index], out int length);
            ReadOnlySpan<byte> field = run.Content(start, length, ref _scratch, out _);
            values[i] = default;
            if (Missing.Contains(field))
            {
                if (!Type.Nullable)
                {
                    run.Fail(i, RowFlaw.MissingValue, start, length);
                }

                SetMissing(row + i);
            }
            else if (!TParser.TryParse(Trim(field), out values[i]))
            {
                values[i] = default;
                run.Fail(i, RowFlaw.Value, start, length);
            }
        }
    }

    public override Column Finish(int rows)
    {
        T[] values = _values ?? Pool.Rent<T>(Capacity);
        _values = null;
        return new FixedColumn<T>(Type, values, rows, TakeValidity(rows), Pool);
    }

    protected override void ReturnArrays()
    {
        if (_values is not null)
        {
            Pool.Return(_values);
            _values = null;
        }
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field) =>
        field.IsEmpty || (field[0] > (byte)' ' && field[^1] > (byte)' ') ? field : MemoryExtensions.Trim(field, " \t"u8);
}
