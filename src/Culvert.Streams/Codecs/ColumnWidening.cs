using System.Numerics;

namespace Culvert.Streams;

/// <summary>Columns of a type as columns of another that holds each of its values exactly.</summary>
public static class ColumnWidening
{
    /// <summary>Whether every value of a type is a value of the other: the same kind, a wider number, and no missing values lost.</summary>
    public static bool Fits(ColumnType from, ColumnType to) => (!from.Nullable || to.Nullable) && (from.Kind == to.Kind || Fits(from.Kind, to.Kind));

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
}
