using System.Buffers.Binary;
using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>A block as an object on a cloud (docs/specs/unit.md, Blocks): in chunk 0 of mode <c>shared</c> the slot's share, then the block.</summary>
internal static class BlockObject
{
    private static ReadOnlySpan<byte> ShareMark => "CULVSHR1"u8;

    internal static int BlockBytes(int codedBytes, int blocksNeeded) => (codedBytes + blocksNeeded - 1) / blocksNeeded;

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
