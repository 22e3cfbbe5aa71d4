using System.Buffers.Binary;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>A block as an object on a cloud (docs/specs/unit.md, Blocks): header, share in chunk 0 of mode <c>shared</c>, payload.</summary>
internal static class BlockObject
{
    internal const int HeaderBytes = 32;

    private const int ShareFlagAt = 29;

    private static ReadOnlySpan<byte> Mark => "CULVBLK1"u8;

    private static ReadOnlySpan<byte> ShareMark => "CULVSHR1"u8;

    internal static int PayloadBytes(int codedBytes, int blocksNeeded) => (codedBytes + blocksNeeded - 1) / blocksNeeded;

    internal static int PayloadAt(bool hasShare) => HeaderBytes + (hasShare ? Secret.KeyBytes : 0);

    /// <summary>Writes what comes before the payload.</summary>
    internal static void WriteHead(Span<byte> destination, ValueId value, int chunk, int slot, ReadOnlySpan<byte> share)
    {
        destination[..HeaderBytes].Clear();
        Mark.CopyTo(destination);
        BinaryPrimitives.WriteUInt128BigEndian(destination[8..], value.Value);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], chunk);
        destination[28] = (byte)slot;
        destination[ShareFlagAt] = share.IsEmpty ? (byte)0 : (byte)1;
        share.CopyTo(destination[HeaderBytes..]);
    }

    /// <summary>Whether bytes begin as the block of a place does.</summary>
    internal static bool IsOf(ReadOnlySpan<byte> bytes, ValueId value, int chunk, int slot, bool hasShare)
    {
        Span<byte> expected = stackalloc byte[HeaderBytes];
        WriteHead(expected, value, chunk, slot, []);
        expected[ShareFlagAt] = hasShare ? (byte)1 : (byte)0;
        return bytes.StartsWith(expected);
    }

    /// <summary>What a descriptor says of a share.</summary>
    internal static ContentDigest CommitmentTo(ValueId value, int slot, ReadOnlySpan<byte> share)
    {
        Span<byte> bytes = stackalloc byte[8 + 16 + 1 + Secret.KeyBytes];
        ShareMark.CopyTo(bytes);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[8..], value.Value);
        bytes[24] = (byte)slot;
        share.CopyTo(bytes[25..]);
        ContentDigest commitment = ContentDigest.Of(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        return commitment;
    }
}
