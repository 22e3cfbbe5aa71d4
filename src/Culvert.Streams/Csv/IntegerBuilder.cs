using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Whole numbers: up to eight digits as one word, the rest by <see cref="IUtf8SpanParsable{TSelf}"/>'s rules.</summary>
internal sealed class IntegerBuilder<T>(ColumnType type, MissingValues missing, ColumnPool pool, int capacity)
    : FieldBuilder(type, missing, pool, capacity)
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    private const ulong Zeros = 0x3030303030303030;
    private const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    private T[]? _values;
    private byte[] _scratch = [];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(in FieldRun run, int row)
    {
        _values ??= Pool.Rent<T>(Capacity);
        Invariant.Holds(row + run.Rows <= Capacity && run.First + (long)run.Rows * run.Stride < run.Positions.Length);
        long minimum = long.CreateSaturating(T.MinValue);
        long maximum = long.CreateSaturating(T.MaxValue);
        ref byte data = ref MemoryMarshal.GetArrayDataReference(run.Data);
        ref int delimiter = ref run.Positions[run.First];
        ref T value = ref _values[row];
        for (int i = 0; i < run.Rows; i++)
        {
            int start = run.Locate(ref delimiter, out int length);
            delimiter = ref Unsafe.Add(ref delimiter, run.Stride);
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref data, start));
            int negative = (byte)word == (byte)'-' ? 1 : 0;
            word >>= negative * 8;
            int digits = length - negative;
            if ((uint)(digits - 1) < (uint)(8 - negative))
            {
                // The digits move to the word's end; what is shifted in reads as leading zeros.
                ulong digit = (word ^ Zeros) << (64 - (digits * 8));
                if ((((digit + 0x7676767676767676) | digit) & 0x8080808080808080) == 0)
                {
                    long magnitude = EightDigits(digit);
                    long number = (magnitude ^ -negative) + negative;
                    if (number >= minimum && number <= maximum)
                    {
                        Unsafe.Add(ref value, i) = T.CreateTruncating(number);
                        continue;
                    }
                }
            }

            Unsafe.Add(ref value, i) = ReadCarefully(run, i, row + i, start, length);
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

    /// <summary>The number whose digits are the bytes of a word, the first in the lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long EightDigits(ulong digits)
    {
        ulong pairs = (digits * 10) + (digits >> 8);
        const ulong Mask = 0x000000FF000000FF;
        return (long)((((pairs & Mask) * 0x000F424000000064) + ((pairs >> 16 & Mask) * 0x0000271000000001)) >> 32);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ReadCarefully(in FieldRun run, int runRow, int row, int start, int length)
    {
        ReadOnlySpan<byte> field = run.Content(start, length, ref _scratch, out _);
        if (Missing.Contains(field))
        {
            if (!Type.Nullable)
            {
                run.Fail(runRow, RowFlaw.MissingValue, start, length);
            }

            SetMissing(row);
            return default;
        }

        if (T.TryParse(field, Styles, CultureInfo.InvariantCulture, out T value))
        {
            return value;
        }

        run.Fail(runRow, RowFlaw.Value, start, length);
        return default;
    }
}
