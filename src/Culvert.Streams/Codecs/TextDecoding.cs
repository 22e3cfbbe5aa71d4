using System.Buffers;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Decodes one column of text or bytes.</summary>
internal sealed class TextDecoding(
    ColumnType type, int rows, ColumnEncoding encoding, int valueBytes, int bitmapBytes, ColumnOpening open, ColumnPool pool)
{
    internal Outcome<Column> Decode()
    {
        bool byNumber = encoding.Form == ColumnForm.ByNumber;
        if (!byNumber && encoding.Form != ColumnForm.LaidOut)
        {
            return ColumnCodec.Malformed($"its encoding is none of {type}");
        }

        long expected = ((long)encoding.Width * rows) + ((long)encoding.LengthWidth * encoding.Entries) + encoding.DataBytes;
        if (valueBytes != expected)
        {
            return ColumnCodec.Malformed($"{rows} rows of it do not have {valueBytes} bytes");
        }

        // A dictionary's lengths may take no bytes at all: then it can have only the one entry that is empty.
        if (byNumber && encoding.LengthWidth == 0 && encoding.Entries != 1)
        {
            return ColumnCodec.Malformed("its entries do not ascend");
        }

        int length = valueBytes + bitmapBytes;
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        ulong[]? validity = null;
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
            if (!MissingAreZero(scratch[..(encoding.Width * rows)], valid))
            {
                return ColumnCodec.Malformed("it has a value in a row that has none");
            }

            Outcome<Column> column = byNumber ? DecodeByNumber(scratch[..valueBytes], validity) : DecodeLaidOut(scratch[..valueBytes], validity);
            validity = column.Succeeded ? null : validity;
            return column;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
            if (validity is not null)
            {
                pool.Return(validity);
            }
        }
    }

    private Outcome<Column> DecodeByNumber(ReadOnlySpan<byte> source, ulong[]? validity)
    {
        ReadOnlySpan<byte> numbers = source[..(encoding.Width * rows)];
        uint last = (uint)encoding.Entries - 1;
        bool unknown = encoding.Width switch
        {
            1 => last < byte.MaxValue && numbers.ContainsAnyExceptInRange((byte)0, (byte)last),
            2 => last < ushort.MaxValue && MemoryMarshal.Cast<byte, ushort>(numbers).ContainsAnyExceptInRange((ushort)0, (ushort)last),
            4 => MemoryMarshal.Cast<byte, uint>(numbers).ContainsAnyExceptInRange(0u, last),
            _ => false,
        };
        if (unknown)
        {
            return ColumnCodec.Malformed("it has a number that is no entry");
        }

        ReadOnlySpan<byte> rest = source[numbers.Length..];
        TextColumn? entries = ReadTexts(
            type with { Nullable = false }, rest[..(encoding.LengthWidth * encoding.Entries)], encoding.LengthWidth, encoding.Entries, rest[^encoding.DataBytes..], null);
        if (entries is null)
        {
            return ColumnCodec.Malformed("its lengths do not add up");
        }

        for (int e = 1; e < entries.Count; e++)
        {
            if (entries.GetBytes(e - 1).SequenceCompareTo(entries.GetBytes(e)) >= 0)
            {
                entries.Dispose();
                return ColumnCodec.Malformed("its entries do not ascend");
            }
        }

        int[] codes = pool.Rent<int>(rows);
        ReadNumbers(numbers, encoding.Width, codes.AsSpan(0, rows));
        return new DictionaryColumn(type, codes, entries, rows, validity, pool);
    }

    private Outcome<Column> DecodeLaidOut(ReadOnlySpan<byte> source, ulong[]? validity)
    {
        TextColumn? texts = ReadTexts(type, source[..(encoding.Width * rows)], encoding.Width, rows, source[^encoding.DataBytes..], validity);
        return texts is null ? ColumnCodec.Malformed("its lengths do not add up") : texts;
    }

    /// <summary>Texts from their lengths and bytes; null when the lengths' sum is another.</summary>
    private TextColumn? ReadTexts(ColumnType ofType, ReadOnlySpan<byte> lengths, int width, int count, ReadOnlySpan<byte> data, ulong[]? validity)
    {
        int[] offsets = pool.Rent<int>(count + 1);
        offsets[0] = 0;
        ReadNumbers(lengths, width, offsets.AsSpan(1, count));
        long sum = 0;
        foreach (ref int offset in offsets.AsSpan(1, count))
        {
            sum += (uint)offset;
            offset = (int)sum;
            if (sum > data.Length)
            {
                break;
            }
        }

        if (sum != data.Length)
        {
            pool.Return(offsets);
            return null;
        }

        byte[] bytes = pool.Rent<byte>(data.Length);
        data.CopyTo(bytes);
        return new TextColumn(ofType, offsets, bytes, count, validity, pool);
    }

    private bool MissingAreZero(ReadOnlySpan<byte> numbers, ReadOnlySpan<ulong> validity) => encoding.Width switch
    {
        1 => ColumnCodec.MissingAreZero(numbers, validity, rows),
        2 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, ushort>(numbers), validity, rows),
        4 => ColumnCodec.MissingAreZero(MemoryMarshal.Cast<byte, uint>(numbers), validity, rows),
        _ => true,
    };

    private static void ReadNumbers(ReadOnlySpan<byte> source, int width, Span<int> output)
    {
        if (width == sizeof(int))
        {
            source.CopyTo(MemoryMarshal.AsBytes(output));
        }
        else
        {
            Widening.Widen(source, width, MemoryMarshal.AsBytes(output), sizeof(int), 0);
        }
    }
}
