using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>Reads a TPM's big-endian structures, or a log's little-endian ones. After the first thing that is not there, everything is zero and <see cref="Failed"/>.</summary>
internal sealed class TpmReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    internal bool Failed { get; private set; }

    internal bool IsEmpty => _rest.IsEmpty;

    internal bool AtEnd => !Failed && _rest.IsEmpty;

    internal byte U8() => Take(1).Span is [byte value] ? value : (byte)0;

    internal ushort U16() => Take(2).Span is { Length: 2 } value ? BinaryPrimitives.ReadUInt16BigEndian(value) : (ushort)0;

    internal uint U32() => Take(4).Span is { Length: 4 } value ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;

    internal ulong U64() => Take(8).Span is { Length: 8 } value ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;

    internal ushort LittleU16() => BinaryPrimitives.ReverseEndianness(U16());

    internal uint LittleU32() => BinaryPrimitives.ReverseEndianness(U32());

    /// <summary>A TPM2B: a length of 16 bits, then so many bytes.</summary>
    internal ReadOnlyMemory<byte> Sized(int lengthMax)
    {
        int length = U16();
        return length <= lengthMax ? Take(length) : Fail();
    }

    internal ReadOnlyMemory<byte> Take(long length)
    {
        if (Failed || length > _rest.Length)
        {
            return Fail();
        }

        ReadOnlyMemory<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ReadOnlyMemory<byte> Fail()
    {
        Failed = true;
        _rest = default;
        return default;
    }
}
