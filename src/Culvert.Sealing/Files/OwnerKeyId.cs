using System.Buffers.Binary;
using System.Globalization;

namespace Culvert.Sealing;

/// <summary>Which owner's key opens a file: 128 bits that follow from the key and tell nothing about it.</summary>
public readonly record struct OwnerKeyId(UInt128 Value)
{
    /// <summary>The id of an owner's secret.</summary>
    public static OwnerKeyId Of(Secret owner)
    {
        using Secret id = KeySchedule.Derive(owner, [], "owner key id", [], 16);
        return new OwnerKeyId(BinaryPrimitives.ReadUInt128BigEndian(id.Bytes));
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
