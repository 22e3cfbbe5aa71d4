using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Streams;

/// <summary>
/// Dictionary columns on the wire: the entries that rows use, in the order in which rows first use them, and a code of 1, 2
/// or 4 bytes per row. So the bytes follow from the rows alone, whatever else the dictionary in memory holds.
/// </summary>
internal static class DictionaryCodes
{
    /// <summary>Writes the column, unless its entries are more than half its rows: then it is smaller without codes, and false is returned.</summary>
    internal static bool TryWrite(DictionaryColumn column, ReadOnlySpan<ulong> validity, IBufferWriter<byte> writer)
    {
        ReadOnlySpan<int> codes = column.Codes;
        int known = column.Dictionary.Count;
        int[] numbers = ArrayPool<int>.Shared.Rent(known);
        int[] entries = ArrayPool<int>.Shared.Rent(known);
        Span<int> numberOf = numbers.AsSpan(0, known);
        int used = Number(codes, validity, numberOf, entries);
        bool pays = used > 0 && used <= codes.Length / 2;
        if (pays)
        {
            byte layout = BatchColumnForm.ForEntries(used);
            BatchColumnWriter.WriteForm(writer, layout, validity);
            WriteEntries(column.Dictionary, entries.AsSpan(0, used), writer);
            int bytes = codes.Length * BatchColumnForm.CodeBytes(layout);
            Span<byte> written = writer.GetSpan(bytes)[..bytes];
            switch (layout)
            {
                case BatchColumnForm.Codes8:
                    Map(codes, numberOf, written);
                    break;
                case BatchColumnForm.Codes16:
                    Map(codes, numberOf, MemoryMarshal.Cast<byte, ushort>(written));
                    break;
                default:
                    Map(codes, numberOf, MemoryMarshal.Cast<byte, int>(written));
                    break;
            }

            ClearMissing(written, codes.Length, validity);
            writer.Advance(bytes);
        }

        ArrayPool<int>.Shared.Return(numbers);
        ArrayPool<int>.Shared.Return(entries);
        return pays;
    }

    /// <summary>Widens codes to <paramref name="codes"/>; false when one is not below <paramref name="entries"/>.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, int layout, int entries, Span<int> codes)
    {
        switch (layout)
        {
            case BatchColumnForm.Codes8:
                Widen(bytes, codes);
                return !bytes.ContainsAnyExceptInRange((byte)0, (byte)(entries - 1));
            case BatchColumnForm.Codes16:
                ReadOnlySpan<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                Widen(shorts, codes);
                return !shorts.ContainsAnyExceptInRange((ushort)0, (ushort)(entries - 1));
            default:
                ReadOnlySpan<int> ints = MemoryMarshal.Cast<byte, int>(bytes);
                ints.CopyTo(codes);
                return !ints.ContainsAnyExceptInRange(0, entries - 1);
        }
    }

    /// <summary>Gives each code that a row has a number, in the order of first use; tells how many there are.</summary>
    private static int Number(ReadOnlySpan<int> codes, ReadOnlySpan<ulong> validity, Span<int> numberOf, Span<int> entries)
    {
        const int Unused = -1;
        numberOf.Fill(Unused);
        int used = 0;
        int missing = BatchColumnWriter.NextMissing(validity, 0, codes.Length);
        for (int row = 0; row < codes.Length; row++)
        {
            if (row == missing)
            {
                missing = BatchColumnWriter.NextMissing(validity, row + 1, codes.Length);
                continue;
            }

            int code = codes[row];
            if (numberOf[code] == Unused)
            {
                entries[used] = code;
                numberOf[code] = used++;
                if (used == numberOf.Length && missing >= codes.Length)
                {
                    break; // all are in use: nothing is left to find
                }
            }
        }

        return used;
    }

    private static void WriteEntries(TextColumn dictionary, ReadOnlySpan<int> entries, IBufferWriter<byte> writer)
    {
        BatchColumnWriter.WriteInt(writer, entries.Length);
        int offset = 0;
        BatchColumnWriter.WriteInt(writer, 0);
        foreach (int entry in entries)
        {
            offset = checked(offset + dictionary.GetBytes(entry).Length);
            BatchColumnWriter.WriteInt(writer, offset);
        }

        foreach (int entry in entries)
        {
            writer.Write(dictionary.GetBytes(entry));
        }
    }

    private static void Map<T>(ReadOnlySpan<int> codes, ReadOnlySpan<int> numberOf, Span<T> written)
        where T : unmanaged
    {
        for (int row = 0; row < codes.Length; row++)
        {
            int number = numberOf[codes[row]];
            written[row] = typeof(T) == typeof(byte) ? Unsafe.BitCast<byte, T>((byte)number)
                : typeof(T) == typeof(ushort) ? Unsafe.BitCast<ushort, T>((ushort)number)
                : Unsafe.BitCast<int, T>(number);
        }
    }

    private static void ClearMissing(Span<byte> written, int count, ReadOnlySpan<ulong> validity)
    {
        int size = written.Length / count;
        for (int row = BatchColumnWriter.NextMissing(validity, 0, count); row < count; row = BatchColumnWriter.NextMissing(validity, row + 1, count))
        {
            written.Slice(row * size, size).Clear();
        }
    }

    private static void Widen(ReadOnlySpan<byte> from, Span<int> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(from[i..]));
            (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
            (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
            a.AsInt32().CopyTo(to[i..]);
            b.AsInt32().CopyTo(to[(i + 4)..]);
            c.AsInt32().CopyTo(to[(i + 8)..]);
            d.AsInt32().CopyTo(to[(i + 12)..]);
        }

        for (; i < from.Length; i++)
        {
            to[i] = from[i];
        }
    }

    private static void Widen(ReadOnlySpan<ushort> from, Span<int> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Create(from[i..]));
            low.AsInt32().CopyTo(to[i..]);
            high.AsInt32().CopyTo(to[(i + 4)..]);
        }

        for (; i < from.Length; i++)
        {
            to[i] = from[i];
        }
    }
}
