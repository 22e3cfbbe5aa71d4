namespace Culvert.Sealing;

/// <summary>Where a block lies in a file, as its plaintext header says. Untrusted.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Header">The fixed part of its header.</param>
/// <param name="Length">Bytes of the whole block.</param>
public readonly record struct SealedBlockPlace(long Offset, SealedBlockHeader Header, int Length)
{
    /// <summary>Where a column lies, counted from the block's beginning, and how long it is; from the block's head.</summary>
    public static (long Offset, int Length) Column(in SealedBlockHeader header, ReadOnlySpan<byte> head, int column)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)header.Columns, nameof(column));
        long offset = header.HeadBytes;
        for (int c = 0; c < column; c++)
        {
            offset += SealedBlockHeader.ColumnBytes(head, c);
        }

        return (offset, SealedBlockHeader.ColumnBytes(head, column));
    }
}
