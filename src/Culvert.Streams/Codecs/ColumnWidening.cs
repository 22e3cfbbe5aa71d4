using System.Numerics;

namespace Culvert.Streams;

/// <summary>
/// Columns of a type as columns of another that holds each of its values exactly. Between whole numbers the other may also be
/// narrower: then each value is looked at, since a file's types are often wider than what is in it.
/// </summary>
public static class ColumnWidening
{
    /// <summary>Whether every value of a type is a value of the other: the same kind, a wider number, and no missing values lost.</summary>
    public static bool Fits(ColumnType from, ColumnType to) => (!from.Nullable || to.Nullable) && (from.Kind == to.Kind || Fits(from.Kind, to.Kind));

    /// <summary>Whether values of a type can be values of the other, which is known once they have been looked at.</summary>
    public static bool MayFit(ColumnType from, ColumnType to) => Fits(from, to) || ((!from.Nullable || to.Nullable) && from.IsInteger && to.IsInteger);

    /// <summary>The column as one of <paramref name="to"/>; takes over the caller's reference. A value that <paramref name="to"/> cannot hold is refused with its row.</summary>
    public static Outcome<Column> Convert(Column column, ColumnType to, ColumnPool pool)
    {
        if (Fits(column.Type, to))
        {
            return Widen(column, to, pool);
        }

        Invariant.Holds(MayFit(column.Type, to));
        using (column)
        {
            return column.Type.Kind switch
            {
                ValueKind.Int8 => Narrow<sbyte>(column, to, pool),
                ValueKind.UInt8 => Narrow<byte>(column, to, pool),
                ValueKind.Int16 => Narrow<short>(column, to, pool),
                ValueKind.UInt16 => Narrow<ushort>(column, to, pool),
                ValueKind.Int32 => Narrow<int>(column, to, pool),
                ValueKind.UInt32 => Narrow<uint>(column, to, pool),
                ValueKind.Int64 => Narrow<long>(column, to, pool),
                _ => Narrow<ulong>(column, to, pool),
            };
        }
    }

    /// <summary>The column as one of <paramref name="to"/>, which must hold its values; takes over the caller's reference.</summary>
    public static Column Widen(Column column, ColumnType to, ColumnPool pool)
    {
        Invariant.Holds(Fits(column.Type, to));
        if (column.Type.Kind == to.Kind)
        {
            Invariant.Holds(column.Type == to);
            return column;
        }

        using (column)
        {
            return column.Type.Kind switch
            {
                ValueKind.Int8 => From<sbyte>(column, to, pool),
                ValueKind.UInt8 => From<byte>(column, to, pool),
                ValueKind.Int16 => From<short>(column, to, pool),
                ValueKind.UInt16 => From<ushort>(column, to, pool),
                ValueKind.Int32 => From<int>(column, to, pool),
                ValueKind.UInt32 => From<uint>(column, to, pool),
                _ => From<float>(column, to, pool),
            };
        }
    }

    private static bool Fits(ValueKind from, ValueKind to) => from switch
    {
        ValueKind.Int8 => to is ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float32 or ValueKind.Float64,
        ValueKind.UInt8 => to is ValueKind.Int16 or ValueKind.UInt16 or ValueKind.Int32 or ValueKind.UInt32 or ValueKind.Int64 or ValueKind.UInt64
            or ValueKind.Float32 or ValueKind.Float64,
        ValueKind.Int16 => to is ValueKind.Int32 or ValueKind.Int64 or ValueKind.Float32 or ValueKind.Float64,
        ValueKind.UInt16 => to is ValueKind.Int32 or ValueKind.UInt32 or ValueKind.Int64 or ValueKind.UInt64 or ValueKind.Float32 or ValueKind.Float64,
        ValueKind.Int32 => to is ValueKind.Int64 or ValueKind.Float64,
        ValueKind.UInt32 => to is ValueKind.Int64 or ValueKind.UInt64 or ValueKind.Float64,
        ValueKind.Float32 => to is ValueKind.Float64,
        _ => false,
    };

    private static Column From<TFrom>(Column column, ColumnType to, ColumnPool pool)
        where TFrom : unmanaged, INumber<TFrom> => to.Kind switch
        {
            ValueKind.Int16 => Convert<TFrom, short>(column, to, pool),
            ValueKind.UInt16 => Convert<TFrom, ushort>(column, to, pool),
            ValueKind.Int32 => Convert<TFrom, int>(column, to, pool),
            ValueKind.UInt32 => Convert<TFrom, uint>(column, to, pool),
            ValueKind.Int64 => Convert<TFrom, long>(column, to, pool),
            ValueKind.UInt64 => Convert<TFrom, ulong>(column, to, pool),
            ValueKind.Float32 => Convert<TFrom, float>(column, to, pool),
            _ => Convert<TFrom, double>(column, to, pool),
        };

    private static FixedColumn<TTo> Convert<TFrom, TTo>(Column column, ColumnType to, ColumnPool pool)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        ReadOnlySpan<TFrom> values = ((FixedColumn<TFrom>)column).Values;
        TTo[] wide = pool.Rent<TTo>(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            wide[i] = TTo.CreateTruncating(values[i]);
        }

        ulong[]? validity = null;
        if (!column.AllValid)
        {
            validity = pool.Rent<ulong>(column.Validity.Length);
            column.Validity.CopyTo(validity);
        }

        return new FixedColumn<TTo>(to, wide, column.Count, validity, pool);
    }

    private static Outcome<Column> Narrow<TFrom>(Column column, ColumnType to, ColumnPool pool)
        where TFrom : unmanaged, INumber<TFrom> => to.Kind switch
        {
            ValueKind.Int8 => Checked<TFrom, sbyte>(column, to, pool),
            ValueKind.UInt8 => Checked<TFrom, byte>(column, to, pool),
            ValueKind.Int16 => Checked<TFrom, short>(column, to, pool),
            ValueKind.UInt16 => Checked<TFrom, ushort>(column, to, pool),
            ValueKind.Int32 => Checked<TFrom, int>(column, to, pool),
            ValueKind.UInt32 => Checked<TFrom, uint>(column, to, pool),
            ValueKind.Int64 => Checked<TFrom, long>(column, to, pool),
            _ => Checked<TFrom, ulong>(column, to, pool),
        };

    private static Outcome<Column> Checked<TFrom, TTo>(Column column, ColumnType to, ColumnPool pool)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        FixedColumn<TTo> narrow = Convert<TFrom, TTo>(column, to, pool);
        ReadOnlySpan<TFrom> values = ((FixedColumn<TFrom>)column).Values;
        ReadOnlySpan<TTo> converted = narrow.Values;
        bool same = true;
        for (int i = 0; i < converted.Length; i++)
        {
            // Also where the sign alone would change: no negative value becomes a positive one that looks the same.
            same &= TFrom.CreateTruncating(converted[i]) == values[i] & TFrom.IsNegative(values[i]) == TTo.IsNegative(converted[i]);
        }

        if (same)
        {
            return narrow;
        }

        int row = 0;
        while (TFrom.CreateTruncating(converted[row]) == values[row] && TFrom.IsNegative(values[row]) == TTo.IsNegative(converted[row]))
        {
            row++;
        }

        Failure failure = new(FailureKind.Mismatch, $"row {row} has the value {values[row]}, which {to} does not hold");
        narrow.Dispose();
        return failure;
    }
}
