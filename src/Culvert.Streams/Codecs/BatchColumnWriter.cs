using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Writes the columns of a batch.</summary>
internal static class BatchColumnWriter
{
    internal static void Write(Column column, IBufferWriter<byte> writer)
    {
        bool someMissing = !column.AllValid && Bitmap.CountSet(column.Validity, column.Count) != column.Count;
        ReadOnlySpan<ulong> validity = someMissing ? column.Validity : default;
        if (column is DictionaryColumn coded && DictionaryCodes.TryWrite(coded, validity, writer))
        {
            return;
        }

        WriteForm(writer, BatchColumnForm.Plain, validity);
        switch (column)
        {
            case TextColumn text when IsCompact(text, validity):
                writer.Write(MemoryMarshal.AsBytes(text.Offsets));
                writer.Write(text.Data);
                break;
            case BytesColumn bytes:
                WriteRows(bytes, writer);
                break;
            case FixedColumn<DateTimeOffset> moments:
                WriteMoments(moments, writer);
                break;
            default:
                ReadOnlySpan<byte> values = column.ValueBytes;
                Span<byte> written = writer.GetSpan(Math.Max(values.Length, 1));
                values.CopyTo(written);
                ClearMissing(written[..values.Length], column.Count, validity);
                writer.Advance(values.Length);
                break;
        }
    }

    internal static void WriteForm(IBufferWriter<byte> writer, byte layout, ReadOnlySpan<ulong> validity)
    {
        writer.GetSpan(1)[0] = validity.IsEmpty ? layout : (byte)(layout | BatchColumnForm.SomeMissing);
        writer.Advance(1);
        writer.Write(MemoryMarshal.AsBytes(validity));
    }

    internal static void WriteInt(IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    /// <summary>Whether a column's arrays can be written as they are: from the first byte on, and with nothing where values are missing.</summary>
    private static bool IsCompact(TextColumn text, ReadOnlySpan<ulong> validity)
    {
        ReadOnlySpan<int> offsets = text.Offsets;
        bool compact = offsets[0] == 0;
        for (int row = NextMissing(validity, 0, text.Count); row < text.Count && compact; row = NextMissing(validity, row + 1, text.Count))
        {
            compact = offsets[row] == offsets[row + 1];
        }

        return compact;
    }

    private static void WriteRows(BytesColumn column, IBufferWriter<byte> writer)
    {
        int offset = 0;
        WriteInt(writer, 0);
        for (int row = 0; row < column.Count; row++)
        {
            offset = checked(offset + Row(column, row).Length);
            WriteInt(writer, offset);
        }

        for (int row = 0; row < column.Count; row++)
        {
            writer.Write(Row(column, row));
        }

        static ReadOnlySpan<byte> Row(BytesColumn column, int row) => column.IsNull(row) ? default : column.GetBytes(row);
    }

    /// <summary>The offset in minutes (4), zeros (4), the instant's ticks (8): as .NET lays it out, which leaves the zeros to chance.</summary>
    private static void WriteMoments(FixedColumn<DateTimeOffset> column, IBufferWriter<byte> writer)
    {
        Span<byte> written = writer.GetSpan(Math.Max(column.Count * BatchColumnReader.MomentBytes, 1));
        for (int row = 0; row < column.Count; row++)
        {
            DateTimeOffset moment = column.IsNull(row) ? default : column.Values[row];
            BinaryPrimitives.WriteInt64LittleEndian(written, (uint)(int)moment.Offset.TotalMinutes);
            BinaryPrimitives.WriteInt64LittleEndian(written[sizeof(long)..], moment.UtcTicks);
            written = written[BatchColumnReader.MomentBytes..];
        }

        writer.Advance(column.Count * BatchColumnReader.MomentBytes);
    }

    private static void ClearMissing(Span<byte> values, int count, ReadOnlySpan<ulong> validity)
    {
        int size = count == 0 ? 0 : values.Length / count;
        for (int row = NextMissing(validity, 0, count); row < count; row = NextMissing(validity, row + 1, count))
        {
            values.Slice(row * size, size).Clear();
        }
    }

    /// <summary>The first row from <paramref name="row"/> on without a value; <paramref name="count"/> or more if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int NextMissing(ReadOnlySpan<ulong> validity, int row, int count)
    {
        if (validity.IsEmpty || row >= count)
        {
            return count;
        }

        int word = row >> 6;
        ulong missing = ~validity[word] & (ulong.MaxValue << (row & 63));
        while (missing == 0)
        {
            if (++word == validity.Length)
            {
                return count;
            }

            missing = ~validity[word];
        }

        return (word << 6) + System.Numerics.BitOperations.TrailingZeroCount(missing);
    }
}
