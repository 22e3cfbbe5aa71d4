namespace Culvert.Sealing;

/// <summary>A row group whose directory was opened: what its columns must be. Authenticated and immutable.</summary>
public sealed class OpenedGroup
{
    private readonly Entry[] _columns;

    private OpenedGroup(int strand, int group, InstanceSalt salt, UInt128 tag, UInt128 before, int rows, Entry[] columns) =>
        (Strand, Group, Salt, Tag, TagBefore, Rows, _columns) = (strand, group, salt, tag, before, rows, columns);

    /// <summary>Which strand.</summary>
    public int Strand { get; }

    /// <summary>Which group of the strand.</summary>
    public int Group { get; }

    /// <summary>Rows, at most <see cref="SealedFileLimits.GroupRowsMax"/>.</summary>
    public int Rows { get; }

    internal InstanceSalt Salt { get; }

    internal UInt128 Tag { get; }

    internal UInt128 TagBefore { get; }

    /// <summary>How a column is encoded.</summary>
    public ReadOnlySpan<byte> Encoding(int column) => _columns[column].Encoding;

    /// <summary>Bytes of a column: as many sealed as open.</summary>
    public int ColumnBytes(int column) => _columns[column].Bytes;

    internal UInt128 ColumnTag(int column) => _columns[column].Tag;

    internal static int DirectoryBytesMin(int columns) => sizeof(int) + 16 + (columns * (16 + 1));

    internal static int DirectoryBytesMax(int columns) => DirectoryBytesMin(columns) + (columns * SealedFileLimits.EncodingBytesMax);

    /// <summary>Reads a directory whose block's header and bytes were authenticated; null when it cannot be.</summary>
    internal static OpenedGroup? Read(in SealedBlockHeader block, ReadOnlySpan<byte> header, UInt128 tag, ReadOnlySpan<byte> directory)
    {
        WireReader reader = new(directory);
        if (!reader.TryInt32(out int rows) || rows is < 0 or > SealedFileLimits.GroupRowsMax || !reader.TryUInt128(out UInt128 before))
        {
            return null;
        }

        Entry[] columns = new Entry[block.Columns];
        for (int c = 0; c < columns.Length; c++)
        {
            int bytes = SealedBlockHeader.ColumnBytes(header, c);
            if (bytes < 0 || !reader.TryUInt128(out UInt128 columnTag) || !reader.TryByte(out byte length)
                || length > SealedFileLimits.EncodingBytesMax || !reader.TryTake(length, out ReadOnlySpan<byte> encoding))
            {
                return null;
            }

            columns[c] = new Entry(columnTag, bytes, encoding.ToArray());
        }

        return reader.Left == 0 ? new OpenedGroup(block.Strand, (int)block.Group, block.Salt, tag, before, rows, columns) : null;
    }

    private readonly record struct Entry(UInt128 Tag, int Bytes, byte[] Encoding);
}
