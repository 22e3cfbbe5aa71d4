using System.Buffers.Binary;
using System.Globalization;

namespace Culvert.Sealing;

/// <summary>
/// The public name of an owner's secret (<see cref="KeySchedule.KeyId"/>): files, shares and messages say by it which key they
/// need. 128 bits that tell nothing of the secret.
/// </summary>
public readonly record struct OwnerKeyId(UInt128 Value)
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>Reads an id from exactly 16 bytes.</summary>
    public static OwnerKeyId FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeBytes);
        return new OwnerKeyId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>The 16 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[SizeBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return bytes;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
