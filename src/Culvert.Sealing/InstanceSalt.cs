using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// 128 random bits that tell one sender instance from every other: drawn anew whenever a partition is made, restored or
/// copied, so that no two of them ever seal under one key and nonce.
/// </summary>
public readonly record struct InstanceSalt(UInt128 Value)
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>A new one.</summary>
    public static InstanceSalt Random(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        entropy.Fill(bytes);
        return new InstanceSalt(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }
}
