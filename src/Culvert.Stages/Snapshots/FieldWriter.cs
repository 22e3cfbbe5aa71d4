using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Stages;

/// <summary>Writes the fields that <see cref="FieldReader"/> reads: little-endian integers, big-endian ids and digests.</summary>
internal static class FieldWriter
{
    internal static void UInt16(this ArrayBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(sizeof(ushort)), checked((ushort)value));
        writer.Advance(sizeof(ushort));
    }

    internal static void Int32(this ArrayBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    internal static void Int64(this ArrayBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }

    internal static void UInt128(this ArrayBufferWriter<byte> writer, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128BigEndian(writer.GetSpan(16), value);
        writer.Advance(16);
    }
}
