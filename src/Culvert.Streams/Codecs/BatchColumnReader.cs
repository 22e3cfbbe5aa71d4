using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Reads the columns of a batch, and believes nothing: whatever cannot be is null.</summary>
internal ref struct BatchColumnReader(ReadOnlySpan<byte> source, ColumnPool pool)
{
    /// <summary>Bytes of a moment with an offset.</summary>
    internal const int MomentBytes = 16;

    private ReadOnlySpan<byte> _rest = source;

    internal int Position { get; private set; }

    internal bool TryInt(out int value)
    {
        bool taken = TryTake(sizeof(int), out ReadOnlySpan<byte> bytes);
        value = taken ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        return taken;
    }

    internal Column? ReadStates(IStateColumns states, int column, int count) =>
        TryTake(1, out ReadOnlySpan<byte> form) && form[0] == BatchColumnForm.Plain
        && TryTake((long)count * states.StateBytes(column), out ReadOnlySpan<byte> bytes)
            ? states.Read(column, bytes, count, pool)
            : null;

    internal Column? Read(ColumnType type, int count)
    {
        if (!TryTake(1, out ReadOnlySpan<byte> form) || (form[0] & ~(BatchColumnForm.LayoutMask | BatchColumnForm.SomeMissing)) != 0)
        {
            return null;
        }

        int layout = form[0] & BatchColumnForm.LayoutMask;
        bool someMissing = (form[0] & BatchColumnForm.SomeMissing) != 0;
        if ((someMissing && !type.Nullable) || (layout != BatchColumnForm.Plain && !type.IsBytes))
        {
            return null;
        }

        ulong[]? validity = null;
        if (someMissing && !TryValidity(count, out validity))
        {
            return null;
        }

        Column? column = layout != BatchColumnForm.Plain ? ReadCodes(type, layout, count, validity)
            : type.IsBytes ? ReadText(type, count, validity)
            : ReadFixed(type, count, validity);
        if (column is null && validity is not null)
        {
            pool.Return(validity);
        }

        return column;
    }

    private bool TryTake(long count, out ReadOnlySpan<byte> bytes)
    {
        if (count < 0 || count > _rest.Length)
        {
            bytes = default;
            return false;
        }

        bytes = _rest[..(int)count];
        _rest = _rest[(int)count..];
        Position += (int)count;
        return true;
    }

    private bool TryValidity(int count, out ulong[]? validity)
    {
        validity = null;
        int words = Bitmap.WordCount(count);
        if (!TryTake((long)words * sizeof(ulong), out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        ulong[] read = pool.Rent<ulong>(words);
        bytes.CopyTo(MemoryMarshal.AsBytes(read.AsSpan(0, words)));
        if (count == 0 || ((count & 63) != 0 && read[words - 1] >> (count & 63) != 0) || Bitmap.CountSet(read, count) == count)
        {
            pool.Return(read);
            return false;
        }

        validity = read;
        return true;
    }

    private FixedReading TakeFixed(int count, int size, ulong[]? validity)
    {
        if (!TryTake((long)count * size, out ReadOnlySpan<byte> values))
        {
            return default;
        }

        ReadOnlySpan<ulong> words = validity is null ? default : validity.AsSpan(0, Bitmap.WordCount(count));
        for (int row = BatchColumnWriter.NextMissing(words, 0, count); row < count; row = BatchColumnWriter.NextMissing(words, row + 1, count))
        {
            if (values.Slice(row * size, size).ContainsAnyExcept((byte)0))
            {
                return default;
            }
        }

        return new FixedReading(true, values);
    }

    private Column? ReadFixed(ColumnType type, int count, ulong[]? validity) => type.Kind switch
    {
        ValueKind.Bool => ReadFixed<bool>(type, count, validity),
        ValueKind.Int8 => ReadFixed<sbyte>(type, count, validity),
        ValueKind.UInt8 => ReadFixed<byte>(type, count, validity),
        ValueKind.Int16 => ReadFixed<short>(type, count, validity),
        ValueKind.UInt16 => ReadFixed<ushort>(type, count, validity),
        ValueKind.Int32 => ReadFixed<int>(type, count, validity),
        ValueKind.UInt32 => ReadFixed<uint>(type, count, validity),
        ValueKind.Int64 => ReadFixed<long>(type, count, validity),
        ValueKind.UInt64 => ReadFixed<ulong>(type, count, validity),
        ValueKind.Float32 => ReadFixed<float>(type, count, validity),
        ValueKind.Float64 => ReadFixed<double>(type, count, validity),
        ValueKind.Decimal => ReadFixed<decimal>(type, count, validity),
        ValueKind.DateTime => ReadFixed<DateTime>(type, count, validity),
        ValueKind.DateTimeOffset => ReadMoments(type, count, validity),
        ValueKind.TimeSpan => ReadFixed<TimeSpan>(type, count, validity),
        _ => throw new InvalidOperationException($"{type} has no fixed size"),
    };

    private FixedColumn<T>? ReadFixed<T>(ColumnType type, int count, ulong[]? validity)
        where T : unmanaged
    {
        FixedReading read = TakeFixed(count, Unsafe.SizeOf<T>(), validity);
        if (!read.Fits || !ValueBytes.CanBe<T>(read.Values))
        {
            return null;
        }

        T[] values = pool.Rent<T>(count);
        read.Values.CopyTo(MemoryMarshal.AsBytes(values.AsSpan(0, count)));
        return new FixedColumn<T>(type, values, count, validity, pool);
    }

    private FixedColumn<DateTimeOffset>? ReadMoments(ColumnType type, int count, ulong[]? validity)
    {
        FixedReading read = TakeFixed(count, MomentBytes, validity);
        if (!read.Fits)
        {
            return null;
        }

        DateTimeOffset[] values = pool.Rent<DateTimeOffset>(count);
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<byte> moment = read.Values.Slice(row * MomentBytes, MomentBytes);
            long minutes = BinaryPrimitives.ReadInt32LittleEndian(moment);
            long ticks = BinaryPrimitives.ReadInt64LittleEndian(moment[sizeof(long)..]);
            long clock = unchecked(ticks + (minutes * TimeSpan.TicksPerMinute));
            if (BinaryPrimitives.ReadInt32LittleEndian(moment[sizeof(int)..]) != 0
                || minutes is < -14 * 60 or > 14 * 60
                || (ulong)ticks > (ulong)DateTime.MaxValue.Ticks
                || (ulong)clock > (ulong)DateTime.MaxValue.Ticks)
            {
                pool.Return(values);
                return null;
            }

            values[row] = new DateTimeOffset(clock, TimeSpan.FromMinutes(minutes));
        }

        return new FixedColumn<DateTimeOffset>(type, values, count, validity, pool);
    }

    private TextColumn? ReadText(ColumnType type, int count, ulong[]? validity)
    {
        if (!TryTake(((long)count + 1) * sizeof(int), out ReadOnlySpan<byte> bytes))
        {
            return null;
        }

        int[] offsets = pool.Rent<int>(count + 1);
        bytes.CopyTo(MemoryMarshal.AsBytes(offsets.AsSpan(0, count + 1)));
        if (!AreOffsets(offsets.AsSpan(0, count + 1), validity) || !TryTake(offsets[count], out ReadOnlySpan<byte> text))
        {
            pool.Return(offsets);
            return null;
        }

        byte[] data = pool.Rent<byte>(text.Length);
        text.CopyTo(data);
        return new TextColumn(type, offsets, data, count, validity, pool);
    }

    private static bool AreOffsets(ReadOnlySpan<int> offsets, ulong[]? validity)
    {
        int descents = offsets[0];
        for (int i = 1; i < offsets.Length; i++)
        {
            descents |= (offsets[i] - offsets[i - 1]) | offsets[i];
        }

        int count = offsets.Length - 1;
        bool fits = offsets[0] == 0 && descents >= 0;
        ReadOnlySpan<ulong> words = validity is null ? default : validity.AsSpan(0, Bitmap.WordCount(count));
        for (int row = BatchColumnWriter.NextMissing(words, 0, count); row < count && fits; row = BatchColumnWriter.NextMissing(words, row + 1, count))
        {
            fits = offsets[row] == offsets[row + 1];
        }

        return fits;
    }

    private DictionaryColumn? ReadCodes(ColumnType type, int layout, int count, ulong[]? validity)
    {
        if (!TryInt(out int entries) || entries < 1 || entries > count / 2 || BatchColumnForm.ForEntries(entries) != layout
            || ReadText(type with { Nullable = false }, entries, null) is not { } dictionary)
        {
            return null;
        }

        int size = BatchColumnForm.CodeBytes(layout);
        FixedReading read = TakeFixed(count, size, validity);
        int[]? codes = read.Fits && ValueBytes.AreDistinct(dictionary) ? pool.Rent<int>(count) : null;
        if (codes is null || !DictionaryCodes.TryRead(read.Values, layout, entries, codes.AsSpan(0, count)))
        {
            pool.Return(codes ?? []);
            dictionary.Dispose();
            return null;
        }

        return new DictionaryColumn(type, codes, dictionary, count, validity, pool);
    }

    private readonly ref struct FixedReading(bool fits, ReadOnlySpan<byte> values)
    {
        internal readonly bool Fits = fits;
        internal readonly ReadOnlySpan<byte> Values = values;
    }
}
