namespace Culvert.Streams.Kernels;

/// <summary>Puts back the promise of columns: where a value is missing, the stored one is default.</summary>
internal static class MissingValues
{
    internal static void Clear(Column column)
    {
        switch (column)
        {
            case FixedColumn<sbyte> c: Clear(c); break;
            case FixedColumn<byte> c: Clear(c); break;
            case FixedColumn<short> c: Clear(c); break;
            case FixedColumn<ushort> c: Clear(c); break;
            case FixedColumn<int> c: Clear(c); break;
            case FixedColumn<uint> c: Clear(c); break;
            case FixedColumn<long> c: Clear(c); break;
            case FixedColumn<ulong> c: Clear(c); break;
            case FixedColumn<float> c: Clear(c); break;
            case FixedColumn<double> c: Clear(c); break;
            case FixedColumn<decimal> c: Clear(c); break;
            case FixedColumn<DateTime> c: Clear(c); break;
            case FixedColumn<DateTimeOffset> c: Clear(c); break;
            case FixedColumn<TimeSpan> c: Clear(c); break;
        }
    }

    private static void Clear<T>(FixedColumn<T> column)
        where T : unmanaged
    {
        T[] values = column.Array;
        ReadOnlySpan<ulong> validity = column.Validity;
        for (int w = 0; w < validity.Length; w++)
        {
            ulong missing = ~validity[w] & BitLoops.Full(w, column.Count);
            for (; missing != 0; missing &= missing - 1)
            {
                values[(w << 6) + System.Numerics.BitOperations.TrailingZeroCount(missing)] = default;
            }
        }
    }
}
