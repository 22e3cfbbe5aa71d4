using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>What a block is.</summary>
public enum SealedBlockKind : byte
{
    /// <summary>A row group.</summary>
    Group = 1,

    /// <summary>The end of a strand.</summary>
    End = 2,
}

/// <summary>
/// The fixed part of a block's header (docs/specs/sealed-file.md, "Blocks"); the columns' lengths follow it. Untrusted until the
/// block's directory or end was opened, which authenticates it.
/// </summary>
/// <param name="Kind">Group or end.</param>
/// <param name="Strand">From 0.</param>
/// <param name="Group">Index in the strand, from 0; of an end the number of groups.</param>
/// <param name="Salt">The writing instance's.</param>
/// <param name="SealedBytes">Length of the sealed directory or end, without its tag.</param>
/// <param name="Columns">How many columns' lengths follow.</param>
public readonly record struct SealedBlockHeader(
    SealedBlockKind Kind, int Strand, long Group, InstanceSalt Salt, int SealedBytes, int Columns)
{
    /// <summary>Bytes of the fixed part.</summary>
    public const int FixedBytes = 44;

    /// <summary>The longest end: every group's rows and tag, and the coverage.</summary>
    internal const int EndBytesMax = 8 + (SealedFileLimits.GroupsMax * StrandEnd.GroupBytes) + 4 + SealedFileLimits.CoverageBytesMax;

    /// <summary>Bytes of the header with the columns' lengths.</summary>
    public int HeaderBytes => FixedBytes + (sizeof(int) * Columns);

    /// <summary>Bytes from the block's beginning to its first column: header, sealed directory or end, and tag.</summary>
    public int HeadBytes => HeaderBytes + SealedBytes + InstanceCipher.TagBytes;

    /// <summary>Reads the fixed part, which the file's plaintext header must allow; null when it cannot be.</summary>
    public static SealedBlockHeader? Read(SealedFileHeader file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedBytes || !bytes.StartsWith("CBLK"u8) || bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0)
        {
            return null;
        }

        SealedBlockHeader header = new(
            (SealedBlockKind)bytes[4],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]),
            new InstanceSalt(BinaryPrimitives.ReadUInt128BigEndian(bytes[20..])),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]));
        bool fits = header.Kind switch
        {
            SealedBlockKind.Group => header.Columns == file.ColumnCount
                && header.Group is >= 0 and < SealedFileLimits.GroupsMax
                && header.SealedBytes >= OpenedGroup.DirectoryBytesMin(header.Columns)
                && header.SealedBytes <= OpenedGroup.DirectoryBytesMax(header.Columns),
            SealedBlockKind.End => header.Columns == 0
                && header.Group is >= 0 and <= SealedFileLimits.GroupsMax
                && header.SealedBytes is >= 12 and <= EndBytesMax,
            _ => false,
        };
        return fits && header.Strand >= 0 && header.Strand < file.StrandCount ? header : null;
    }

    /// <summary>The length of a column, from the bytes of the whole header; -1 when it cannot be.</summary>
    public static int ColumnBytes(ReadOnlySpan<byte> header, int column)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[(FixedBytes + (sizeof(int) * column))..]);
        return length is >= 0 and <= SealedFileLimits.ColumnBytesMax ? length : -1;
    }

    /// <summary>The bytes of all columns, from the bytes of the whole header; -1 when they cannot be.</summary>
    public long ColumnsBytes(ReadOnlySpan<byte> header)
    {
        long sum = HeadBytes;
        for (int c = 0; c < Columns; c++)
        {
            int length = ColumnBytes(header, c);
            sum += length;
            if (length < 0 || sum > SealedFileLimits.BlockBytesMax)
            {
                return -1;
            }
        }

        return sum - HeadBytes;
    }

    internal void Write(Span<byte> bytes)
    {
        "CBLK"u8.CopyTo(bytes);
        bytes[4] = (byte)Kind;
        bytes[5..8].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], Strand);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], Group);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[20..], Salt.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], SealedBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[40..], Columns);
    }
}
