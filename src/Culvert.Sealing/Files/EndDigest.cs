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
        for (int strand = 0; strand < ends.Count; strand++)
        {
            Invariant.Holds(ends[strand].Strand == strand);
        }

        return Of(header.Stream, header.Tag, ends.Select(end => ((long)end.GroupCount, end.Tag)));
    }

    /// <summary>The same, from what pins a file: its stream, its header's tag, and for each strand in order its row groups' number and its end's tag.</summary>
    public static EndDigest Of(StreamId stream, UInt128 headerTag, IEnumerable<(long Groups, UInt128 Tag)> strands)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("culvert v1 sealed file\0"u8);
        Span<byte> bytes = stackalloc byte[16];
        Append(stream.Value, bytes);
        Append(headerTag, bytes);
        foreach ((long groups, UInt128 tag) in strands)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, groups);
            hash.AppendData(bytes[..sizeof(long)]);
            Append(tag, bytes);
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

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[SizeBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
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
