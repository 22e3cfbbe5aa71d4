using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Culvert;

/// <summary>Writes the fields that <see cref="FieldReader"/> reads: little-endian integers, big-endian ids and digests.</summary>
public static class FieldWriter
{
    /// <summary>One byte.</summary>
    public static void Byte(this IBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    /// <summary>2 bytes, little-endian.</summary>
    public static void UInt16(this IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(sizeof(ushort)), checked((ushort)value));
        writer.Advance(sizeof(ushort));
    }

    /// <summary>4 bytes, little-endian.</summary>
    public static void Int32(this IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    /// <summary>8 bytes, little-endian.</summary>
    public static void Int64(this IBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }

    /// <summary>16 bytes, big-endian.</summary>
    public static void UInt128(this IBufferWriter<byte> writer, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(writer.GetSpan(16), value);
        writer.Advance(16);
    }

    /// <summary>Bytes behind their length (4 bytes).</summary>
    public static void Part(this IBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        writer.Int32(bytes.Length);
        writer.Write(bytes);
    }

    /// <summary>UTF-8 behind its length in bytes (4 bytes).</summary>
    public static void Text(this IBufferWriter<byte> writer, string text) => writer.Part(Encoding.UTF8.GetBytes(text));
}
