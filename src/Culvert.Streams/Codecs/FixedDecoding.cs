using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Decodes one column of values of a fixed size.</summary>
internal sealed class FixedDecoding(
    ColumnType type, int rows, ColumnEncoding encoding, int valueBytes, int bitmapBytes, ColumnOpening open, ColumnPool pool) : IValueKindVisitor<Outcome<Column>>
{
    private const ulong TicksMask = (1UL << 62) - 1;

    /// <summary>Bytes of a moment with its offset.</summary>
    private const int MomentBytes = 10;

    public Outcome<Column> Visit<T>()
        where T : unmanaged
    {
        bool narrow = encoding.Form == ColumnForm.Narrow;
        int size = Unsafe.SizeOf<T>();
        int stored = narrow ? encoding.Width : type.Kind == ValueKind.DateTimeOffset ? MomentBytes : size;
        if ((!narrow && encoding.Form != ColumnForm.Raw) || (narrow && (!CanBeNarrow || stored >= size)))
        {
            return ColumnCodec.Malformed($"its encoding is none of {type}");
        }

        if (valueBytes != (long)stored * rows)
        {
            return ColumnCodec.Malformed($"{rows} rows of it do not have {valueBytes} bytes");
        }

        T[] values = pool.Rent<T>(rows);
        ulong[]? validity = null;
        Failure? failure = !narrow && stored == size && bitmapBytes == 0
            ? open(MemoryMarshal.AsBytes(values.AsSpan(0, rows))) ?? CheckRaw(MemoryMarshal.AsBytes(values.AsSpan(0, rows)), default)
            : DecodeThroughScratch(values, out validity);
        if (failure is null)
        {
            return new FixedColumn<T>(type, values, rows, validity, pool);
        }

        pool.Return(values);
        if (validity is not null)
        {
            pool.Return(validity);
        }

        return failure;
    }

    private bool CanBeNarrow => type.IsInteger || type.Kind is ValueKind.DateTime or ValueKind.TimeSpan;

    private Failure? DecodeThroughScratch<T>(T[] values, out ulong[]? validity)
        where T : unmanaged
    {
        validity = null;
        int length = valueBytes + bitmapBytes;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Span<byte> scratch = rented.AsSpan(0, length);
            if (open(scratch) is { } failure)
            {
                return failure;
            }

            if (bitmapBytes > 0)
            {
                validity = ColumnCodec.ReadBitmap(scratch[valueBytes..], rows, pool);
                if (validity is null)
                {
                    return ColumnCodec.Malformed("it has bits behind the last row");
                }
            }

            ReadOnlySpan<ulong> valid = validity is null ? default : validity.AsSpan(0, Bitmap.WordCount(rows));
            return encoding.Form == ColumnForm.Narrow ? WidenChecked(scratch[..valueBytes], values.AsSpan(0, rows), valid)
                : type.Kind == ValueKind.DateTimeOffset ? ReadMoments(scratch[..valueBytes], MemoryMarshal.Cast<T, DateTimeOffset>(values.AsSpan(0, rows)), valid)
                : CheckedCopy(scratch[..valueBytes], MemoryMarshal.AsBytes(values.AsSpan(0, rows)), valid);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private Failure? CheckedCopy(ReadOnlySpan<byte> source, Span<byte> values, ReadOnlySpan<ulong> validity)
    {
        source.CopyTo(values);
        return CheckRaw(values, validity);
    }

    private Failure? CheckRaw(ReadOnlySpan<byte> values, ReadOnlySpan<ulong> validity)
    {
        bool zero = (rows == 0 ? 1 : values.Length / rows) switch
        {
            1 => ColumnCodec.MissingAreZero(values, validity, rows),
            2 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, ushort>(values), validity, rows),
            4 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, uint>(values), validity, rows),
            8 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, ulong>(values), validity, rows),
            _ => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, UInt128>(values), validity, rows),
        };
        return !zero ? ValueWhereNoneIs()
            : type.Kind switch
            {
                ValueKind.Bool when values.ContainsAnyExceptInRange((byte)0, (byte)1) => Impossible(),
                ValueKind.DateTime when !AreMoments(MemoryMarshal.Cast<byte, ulong>(values)) => Impossible(),
                ValueKind.Decimal when !AreDecimals(MemoryMarshal.Cast<byte, uint>(values)) => Impossible(),
                _ => null,
            };
    }

    private Failure? WidenChecked<T>(ReadOnlySpan<byte> source, Span<T> values, ReadOnlySpan<ulong> validity)
        where T : unmanaged
    {
        if (NarrowLimit(Unsafe.SizeOf<T>()) is not { } limit || ExceedsLimit(source, limit))
        {
            return ColumnCodec.Malformed($"it has a number that is none of {type}");
        }

        bool zero = encoding.Width switch
        {
            0 => true,
            1 => ColumnCodec.MissingAreZero(source, validity, rows),
            2 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, ushort>(source), validity, rows),
            _ => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, uint>(source), validity, rows),
        };
        if (!zero)
        {
            return ValueWhereNoneIs();
        }

        Widening.Widen(source, encoding.Width, MemoryMarshal.AsBytes(values), Unsafe.SizeOf<T>(), encoding.Base);
        if (encoding.Base != 0)
        {
            Narrowing.ClearMissing(values, validity, rows);
        }

        return null;
    }

    /// <summary>The greatest number that may be added to base; null when base itself is none of the kind's.</summary>
    private ulong? NarrowLimit(int size)
    {
        ulong given = encoding.Base;
        switch (type.Kind)
        {
            case ValueKind.DateTime:
                ulong last = (given & ~TicksMask) | (ulong)DateTime.MaxValue.Ticks;
                return given <= last ? last - given : null;
            case ValueKind.UInt8 or ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64:
                ulong greatest = ulong.MaxValue >> (64 - (8 * size));
                return given <= greatest ? greatest - given : null;
            default:
                long least = long.MinValue >> (64 - (8 * size));
                long most = long.MaxValue >> (64 - (8 * size));
                return (long)given >= least && (long)given <= most ? unchecked((ulong)most - given) : null;
        }
    }

    private bool ExceedsLimit(ReadOnlySpan<byte> source, ulong limit) => encoding.Width switch
    {
        1 => limit < byte.MaxValue && source.ContainsAnyExceptInRange((byte)0, (byte)limit),
        2 => limit < ushort.MaxValue && MemoryMarshal.Cast<byte, ushort>(source).ContainsAnyExceptInRange((ushort)0, (ushort)limit),
        4 => limit < uint.MaxValue && MemoryMarshal.Cast<byte, uint>(source).ContainsAnyExceptInRange(0u, (uint)limit),
        _ => false,
    };

    private static Failure? ReadMoments(ReadOnlySpan<byte> source, Span<DateTimeOffset> values, ReadOnlySpan<ulong> validity)
    {
        ReadOnlySpan<byte> offsets = source[(sizeof(long) * values.Length)..];
        for (int i = 0; i < values.Length; i++)
        {
            long ticks = BinaryPrimitives.ReadInt64LittleEndian(source[(sizeof(long) * i)..]);
            long offset = BinaryPrimitives.ReadInt16LittleEndian(offsets[(sizeof(short) * i)..]);
            long local = ticks + (offset * TimeSpan.TicksPerMinute);
            if (ticks < 0 || ticks > DateTime.MaxValue.Ticks || local < 0 || local > DateTime.MaxValue.Ticks || Math.Abs(offset) > 14 * 60)
            {
                return Impossible();
            }

            if (!validity.IsEmpty && !Bitmap.Get(validity, i) && (ticks != 0 || offset != 0))
            {
                return ValueWhereNoneIs();
            }

            values[i] = new DateTimeOffset(local, TimeSpan.FromMinutes(offset));
        }

        return null;
    }

    private static bool AreMoments(ReadOnlySpan<ulong> values)
    {
        ulong greatest = 0;
        foreach (ulong value in values)
        {
            greatest = Math.Max(greatest, value & TicksMask);
        }

        return greatest <= (ulong)DateTime.MaxValue.Ticks;
    }

    private static bool AreDecimals(ReadOnlySpan<uint> parts)
    {
        for (int i = 0; i < parts.Length; i += 4)
        {
            uint flags = parts[i];
            if ((flags & 0x7f00_ffff) != 0 || (flags >> 16 & 0xff) > 28)
            {
                return false;
            }
        }

        return true;
    }

    private static Failure Impossible() => ColumnCodec.Malformed("it has a value that its type cannot have");

    private static Failure ValueWhereNoneIs() => ColumnCodec.Malformed("it has a value in a row that has none");
}
