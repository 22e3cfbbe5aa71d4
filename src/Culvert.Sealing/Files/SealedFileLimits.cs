namespace Culvert.Sealing;

/// <summary>What a sealed file may have at most; the reasons are in docs/specs/sealed-file.md.</summary>
public static class SealedFileLimits
{
    /// <summary>Strands of a file.</summary>
    public const int StrandsMax = 4096;

    /// <summary>Columns of a file.</summary>
    public const int ColumnsMax = 10_000;

    /// <summary>Bytes of the header's sealed part.</summary>
    public const int ContentsBytesMax = 16 << 20;

    /// <summary>Bytes of a column's name.</summary>
    public const int NameBytesMax = ushort.MaxValue;

    /// <summary>Rows of a row group.</summary>
    public const int GroupRowsMax = 1 << 20;

    /// <summary>Rows that a writer puts into a row group: columns stay in a cache, and calls of AES stay long.</summary>
    public const int GroupRowsAim = 1 << 16;

    /// <summary>Bytes of a column in a row group.</summary>
    public const int ColumnBytesMax = 256 << 20;

    /// <summary>Bytes of a block.</summary>
    public const int BlockBytesMax = 1 << 30;

    /// <summary>Bytes of a column's encoding.</summary>
    public const int EncodingBytesMax = 64;

    /// <summary>Row groups of a strand.</summary>
    public const int GroupsMax = 4 << 20;

    /// <summary>Bytes of an end's coverage.</summary>
    public const int CoverageBytesMax = 1 << 20;

    /// <summary>Blocks that an index lists.</summary>
    public const int BlocksMax = GroupsMax + StrandsMax;
}
