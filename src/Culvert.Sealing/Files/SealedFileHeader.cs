using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// The header of a sealed file as everybody sees it (docs/specs/sealed-file.md, "Header"). Read from a file, nothing of it is
/// to be trusted before a <see cref="SealedFileOpener"/> has opened it. Immutable.
/// </summary>
public sealed class SealedFileHeader
{
    /// <summary>Bytes before the sealed part; they say how long it is.</summary>
    public const int FixedBytes = 72;

    private const ushort Version = 1;

    private readonly byte[] _bytes;

    private SealedFileHeader(byte[] bytes) => _bytes = bytes;

    /// <summary>The whole header as it stands in the file.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>How many strands the file has, 1 to <see cref="SealedFileLimits.StrandsMax"/>.</summary>
    public int StrandCount => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(12));

    /// <summary>How many columns the file has, 1 to <see cref="SealedFileLimits.ColumnsMax"/>.</summary>
    public int ColumnCount => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(16));

    /// <summary>The file's random id.</summary>
    public StreamId Stream => new(BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(20)));

    /// <summary>Which owner's key opens it.</summary>
    public OwnerKeyId OwnerKey => new(BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(36)));

    internal InstanceSalt Salt => new(BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(52)));

    internal ReadOnlySpan<byte> Additional => _bytes.AsSpan(0, FixedBytes);

    internal ReadOnlySpan<byte> Sealed => _bytes.AsSpan(FixedBytes, _bytes.Length - FixedBytes - InstanceCipher.TagBytes);

    /// <summary>The sealed part's tag: strands' keys hold it.</summary>
    public UInt128 Tag => BinaryPrimitives.ReadUInt128BigEndian(_bytes.AsSpan(_bytes.Length - InstanceCipher.TagBytes));

    /// <summary>A file's random id.</summary>
    public static StreamId NewStream(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[16];
        entropy.Fill(bytes);
        return new StreamId(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Makes the header of a new file. <paramref name="fileKey"/> is <see cref="KeySchedule.FileKey"/> of <paramref name="stream"/>, which is new.</summary>
    public static SealedFileHeader Seal(Secret fileKey, StreamId stream, OwnerKeyId ownerKey, int strands, SealedFileContents contents, IEntropy entropy) =>
        Seal(fileKey, stream, ownerKey, strands, contents, _ => InstanceSalt.Random(entropy));

    /// <summary>
    /// Makes the header of a file that several write: the same for the same file, owner, strands and contents, and another salt
    /// for any other, so that no nonce is used for two of them.
    /// </summary>
    public static SealedFileHeader Seal(Secret fileKey, StreamId stream, OwnerKeyId ownerKey, int strands, SealedFileContents contents) =>
        Seal(fileKey, stream, ownerKey, strands, contents, plain =>
        {
            ArrayBufferWriter<byte> about = new();
            about.UInt128(stream.Value);
            about.UInt128(ownerKey.Value);
            about.Int32(strands);
            about.Write(plain.Span);
            using Secret salt = KeySchedule.HeaderSalt(fileKey, about.WrittenSpan);
            return new InstanceSalt(BinaryPrimitives.ReadUInt128BigEndian(salt.Bytes));
        });

    private static SealedFileHeader Seal(
        Secret fileKey, StreamId stream, OwnerKeyId ownerKey, int strands, SealedFileContents contents, Func<ReadOnlyMemory<byte>, InstanceSalt> saltOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(strands, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(strands, SealedFileLimits.StrandsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(contents.ColumnNames.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contents.ColumnNames.Length, SealedFileLimits.ColumnsMax);
        ArrayBufferWriter<byte> plain = new();
        contents.Write(plain);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plain.WrittenCount, SealedFileLimits.ContentsBytesMax, nameof(contents));
        InstanceSalt salt = saltOf(plain.WrittenMemory);
        byte[] bytes = new byte[FixedBytes + plain.WrittenCount + InstanceCipher.TagBytes];
        "CULVSEAL"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), strands);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), contents.ColumnNames.Length);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(20), stream.Value);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(36), ownerKey.Value);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(52), salt.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(68), plain.WrittenCount);
        using InstanceCipher cipher = InstanceCipher.ForHeader(fileKey, salt);
        UInt128 tag = cipher.Seal(0, 0, plain.WrittenSpan, bytes.AsSpan(FixedBytes, plain.WrittenCount), bytes.AsSpan(0, FixedBytes));
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(bytes.Length - InstanceCipher.TagBytes), tag);
        return new SealedFileHeader(bytes);
    }

    /// <summary>Whether bytes begin as a sealed file does.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) => bytes.StartsWith("CULVSEAL"u8);

    /// <summary>How long the whole header is, from its first <see cref="FixedBytes"/>; the failure names what is wrong with them.</summary>
    public static Outcome<int> Measure(string file, ReadOnlySpan<byte> fixedBytes)
    {
        if (!Begins(fixedBytes))
        {
            return new Failure(FailureKind.Malformed, $"{file}: this is no sealed file");
        }

        if (fixedBytes.Length < FixedBytes)
        {
            return new Failure(FailureKind.Malformed, $"{file}: cut inside its header");
        }

        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(fixedBytes[8..]);
        if (version != Version)
        {
            return new Failure(FailureKind.Mismatch, $"{file}: a sealed file of version {version}, and this program reads version {Version}");
        }

        int strands = BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[12..]);
        int columns = BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[16..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(fixedBytes[68..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(fixedBytes[10..]) != 0
            || strands is < 1 or > SealedFileLimits.StrandsMax
            || columns is < 1 or > SealedFileLimits.ColumnsMax
            || length is < 0 or > SealedFileLimits.ContentsBytesMax
            ? new Failure(FailureKind.Malformed, $"{file}: the header's numbers cannot be: it was damaged or altered")
            : FixedBytes + length + InstanceCipher.TagBytes;
    }

    /// <summary>Reads a header that fills <paramref name="bytes"/>, which are copied.</summary>
    public static Outcome<SealedFileHeader> Read(string file, ReadOnlySpan<byte> bytes)
    {
        Outcome<int> length = Measure(file, bytes);
        return !length.Succeeded ? length.Failure
            : length.Value != bytes.Length ? new Failure(FailureKind.Malformed, $"{file}: cut inside its header")
            : new SealedFileHeader(bytes.ToArray());
    }
}
