using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>Fields as the formats of sealed files lay them out.</summary>
internal static class WireWriting
{
    extension(IBufferWriter<byte> writer)
    {
        internal void PutByte(byte value)
        {
            writer.GetSpan(1)[0] = value;
            writer.Advance(1);
        }

        internal void PutUInt16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(sizeof(ushort)), value);
            writer.Advance(sizeof(ushort));
        }

        internal void PutInt32(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
            writer.Advance(sizeof(int));
        }

        internal void PutInt64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
            writer.Advance(sizeof(long));
        }

        internal void PutUInt128(UInt128 value)
        {
            BinaryPrimitives.WriteUInt128BigEndian(writer.GetSpan(16), value);
            writer.Advance(16);
        }
    }
}
