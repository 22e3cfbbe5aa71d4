using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Culvert.Sealing;

/// <summary>The name of a whole sealed file's content (docs/specs/sealed-file.md, "End digest").</summary>
public readonly record struct EndDigest(UInt128 High, UInt128 Low)
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 32;

    /// <summary>The digest of a file whose strands have all ended; <paramref name="ends"/> in the order of strands.</summary>
    public static EndDigest Of(SealedFileHeader header, IReadOnlyList<StrandEnd> ends)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ends.Count, header.StrandCount);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("culvert v1 sealed file\0"u8);
        Span<byte> bytes = stackalloc byte[16];
        Append(header.Stream.Value, bytes);
        Append(header.Tag, bytes);
        for (int strand = 0; strand < ends.Count; strand++)
        {
            Invariant.Holds(ends[strand].Strand == strand);
            BinaryPrimitives.WriteInt64LittleEndian(bytes, ends[strand].GroupCount);
            hash.AppendData(bytes[..sizeof(long)]);
            Append(ends[strand].Tag, bytes);
        }

        Span<byte> digest = stackalloc byte[SizeBytes];
        hash.GetHashAndReset(digest);
        return FromBytes(digest);

        void Append(UInt128 value, Span<byte> scratch)
        {
            BinaryPrimitives.WriteUInt128BigEndian(scratch, value);
            hash.AppendData(scratch);
        }
    }

    /// <summary>Reads a digest from exactly 32 bytes.</summary>
    public static EndDigest FromBytes(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, SizeBytes);
        return new EndDigest(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{High:x32}{Low:x32}");
}
