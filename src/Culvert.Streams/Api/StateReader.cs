using System.Buffers.Binary;
using System.Text;

namespace Culvert.Streams;

/// <summary>Reads what <see cref="StateWriter"/> wrote; everything else is refused with <see cref="InvalidDataException"/>.</summary>
internal sealed class StateReader(byte[] bytes)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private int _at;

    public bool ReadBoolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        _ => throw Malformed(),
    };

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public decimal ReadDecimal()
    {
        try
        {
            return new decimal([ReadInt32(), ReadInt32(), ReadInt32(), ReadInt32()]);
        }
        catch (ArgumentException)
        {
            throw Malformed();
        }
    }

    public DateTime ReadDateTime()
    {
        long ticks = ReadInt64();
        byte kind = Take(1)[0];
        return ticks < 0 || ticks > DateTime.MaxValue.Ticks || kind > (byte)DateTimeKind.Local
            ? throw Malformed()
            : new DateTime(ticks, (DateTimeKind)kind);
    }

    public DateTimeOffset ReadDateTimeOffset()
    {
        long ticks = ReadInt64();
        long offset = ReadInt64();
        try
        {
            return new DateTimeOffset(ticks, TimeSpan.FromTicks(offset));
        }
        catch (ArgumentException)
        {
            throw Malformed();
        }
    }

    public TimeSpan ReadTimeSpan() => TimeSpan.FromTicks(ReadInt64());

    public string? ReadString()
    {
        int length = ReadInt32();
        try
        {
            return length == -1 ? null : Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Malformed();
        }
    }

    public byte[]? ReadBytes()
    {
        int length = ReadInt32();
        return length == -1 ? null : Take(length).ToArray();
    }

    public bool? ReadBooleanOrNull() => ReadBoolean() ? ReadBoolean() : null;

    public long? ReadInt64OrNull() => ReadBoolean() ? ReadInt64() : null;

    public ulong? ReadUInt64OrNull() => ReadBoolean() ? ReadUInt64() : null;

    public float? ReadSingleOrNull() => ReadBoolean() ? ReadSingle() : null;

    public double? ReadDoubleOrNull() => ReadBoolean() ? ReadDouble() : null;

    public decimal? ReadDecimalOrNull() => ReadBoolean() ? ReadDecimal() : null;

    public DateTime? ReadDateTimeOrNull() => ReadBoolean() ? ReadDateTime() : null;

    public DateTimeOffset? ReadDateTimeOffsetOrNull() => ReadBoolean() ? ReadDateTimeOffset() : null;

    public TimeSpan? ReadTimeSpanOrNull() => ReadBoolean() ? ReadTimeSpan() : null;

    /// <summary>Refuses bytes that are left over.</summary>
    internal void End()
    {
        if (_at != bytes.Length)
        {
            throw Malformed();
        }
    }

    private int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - _at)
        {
            throw Malformed();
        }

        _at += count;
        return bytes.AsSpan(_at - count, count);
    }

    private InvalidDataException Malformed() => new($"the state of a key is malformed at byte {_at} of {bytes.Length}");
}
