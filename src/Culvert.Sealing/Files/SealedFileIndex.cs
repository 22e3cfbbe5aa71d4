using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// What an outsider sees of a sealed file: its header and where its blocks lie. The host's side of reading: needs no key, and
/// nothing of it is to be trusted. Immutable.
/// </summary>
public sealed class SealedFileIndex
{
    private readonly Strand[] _strands;
    private readonly long[] _columnBytes;

    private SealedFileIndex(SealedFileHeader header, Strand[] strands, long[] columnBytes, long length, long? cutAt, long supersededBytes) =>
        (Header, _strands, _columnBytes, Length, CutAt, SupersededBytes) = (header, strands, columnBytes, length, cutAt, supersededBytes);

    /// <summary>The file's header.</summary>
    public SealedFileHeader Header { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Where a block begins that the end of the file cuts; null when there is none.</summary>
    public long? CutAt { get; }

    /// <summary>Bytes of blocks that a resumed writer wrote again.</summary>
    public long SupersededBytes { get; }

    /// <summary>Whether every strand has its end.</summary>
    public bool HasAllEnds => CutAt is null && _strands.All(s => s.End is not null);

    /// <summary>Bytes of a column in all row groups, superseded ones included.</summary>
    public long ColumnBytes(int column) => _columnBytes[column];

    /// <summary>A strand's row groups, in order.</summary>
    public IReadOnlyList<SealedBlockPlace> Groups(int strand) => _strands[strand].Groups;

    /// <summary>A strand's end; null when it has none yet.</summary>
    public SealedBlockPlace? End(int strand) => _strands[strand].End;

    /// <summary>
    /// Reads the header and every block's header, and skips what lies between. Memory is in proportion to the number of blocks,
    /// of which there are at most <see cref="SealedFileLimits.BlocksMax"/>.
    /// </summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="stream">The file, from its beginning; can seek.</param>
    public static Outcome<SealedFileIndex> Read(string file, Stream stream)
    {
        Outcome<SealedFileHeader> header = ReadHeader(file, stream);
        return header.Succeeded ? ReadBlocks(file, stream, header.Value) : header.Failure;
    }

    /// <summary>Reads only the header.</summary>
    public static Outcome<SealedFileHeader> ReadHeader(string file, Stream stream)
    {
        Span<byte> fixedBytes = stackalloc byte[SealedFileHeader.FixedBytes];
        stream.Position = 0;
        int read = stream.ReadAtLeast(fixedBytes, fixedBytes.Length, throwOnEndOfStream: false);
        Outcome<int> length = SealedFileHeader.Measure(file, fixedBytes[..read]);
        if (!length.Succeeded)
        {
            return length.Failure;
        }

        if (length.Value > stream.Length)
        {
            return new Failure(FailureKind.Malformed, $"{file}: cut inside its header");
        }

        byte[] bytes = new byte[length.Value];
        stream.Position = 0;
        stream.ReadExactly(bytes);
        return SealedFileHeader.Read(file, bytes);
    }

    /// <summary>
    /// The end digest as the file's blocks have it: the same as a key holder finds in a file that is whole, but nothing
    /// authenticates it, or says that what lies before the ends is what they are the ends of.
    /// </summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="stream">The file that this is the index of.</param>
    public Outcome<EndDigest> ReadDigest(string file, Stream stream)
    {
        if (!HasAllEnds)
        {
            return new Failure(FailureKind.Integrity, $"{file}: was cut: row groups or ends are missing");
        }

        (long, UInt128)[] ends = new (long, UInt128)[_strands.Length];
        Span<byte> tag = stackalloc byte[InstanceCipher.TagBytes];
        for (int strand = 0; strand < ends.Length; strand++)
        {
            SealedBlockPlace end = _strands[strand].End!.Value;
            stream.Position = end.Offset + end.Length - tag.Length;
            if (stream.ReadAtLeast(tag, tag.Length, throwOnEndOfStream: false) < tag.Length)
            {
                return new Failure(FailureKind.Integrity, $"{file}: became shorter while it was read");
            }

            ends[strand] = (end.Header.Group, BinaryPrimitives.ReadUInt128BigEndian(tag));
        }

        return EndDigest.Of(Header.Stream, Header.Tag, ends);
    }

    private static Outcome<SealedFileIndex> ReadBlocks(string file, Stream stream, SealedFileHeader header)
    {
        Strand[] strands = new Strand[header.StrandCount];
        for (int s = 0; s < strands.Length; s++)
        {
            strands[s] = new Strand(s);
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(SealedBlockHeader.FixedBytes + (sizeof(int) * header.ColumnCount));
        try
        {
            long length = stream.Length;
            long at = header.Bytes.Length;
            long superseded = 0;
            int blocks = 0;
            long[] columnBytes = new long[header.ColumnCount];
            while (at < length)
            {
                Outcome<SealedBlockPlace?> place = ReadBlock(file, stream, header, at, length, bytes);
                if (!place.Succeeded)
                {
                    return place.Failure;
                }

                if (place.Value is not { } block)
                {
                    return new SealedFileIndex(header, strands, columnBytes, length, at, superseded);
                }

                if (++blocks > SealedFileLimits.BlocksMax)
                {
                    return new Failure(FailureKind.TooLarge, $"{file}: has more than {SealedFileLimits.BlocksMax} blocks");
                }

                if (strands[block.Header.Strand].Add(block, ref superseded) is { } wrong)
                {
                    return new Failure(FailureKind.Integrity, $"{file}: byte {at}, strand {block.Header.Strand}: {wrong}");
                }

                for (int c = 0; c < block.Header.Columns; c++)
                {
                    columnBytes[c] += SealedBlockHeader.ColumnBytes(bytes, c);
                }

                at += block.Length;
            }

            return new SealedFileIndex(header, strands, columnBytes, length, null, superseded);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The block at an offset; null when the end of the file cuts it.</summary>
    private static Outcome<SealedBlockPlace?> ReadBlock(string file, Stream stream, SealedFileHeader header, long at, long length, byte[] bytes)
    {
        stream.Position = at;
        if (stream.ReadAtLeast(bytes.AsSpan(0, SealedBlockHeader.FixedBytes), SealedBlockHeader.FixedBytes, throwOnEndOfStream: false) < SealedBlockHeader.FixedBytes)
        {
            return (SealedBlockPlace?)null;
        }

        Failure damaged = new(FailureKind.Integrity, $"{file}: byte {at}: no block of this file begins here: it was damaged or altered");
        if (SealedBlockHeader.Read(header, bytes) is not { } block)
        {
            return damaged;
        }

        int rest = block.HeaderBytes - SealedBlockHeader.FixedBytes;
        if (stream.ReadAtLeast(bytes.AsSpan(SealedBlockHeader.FixedBytes, rest), rest, throwOnEndOfStream: false) < rest)
        {
            return (SealedBlockPlace?)null;
        }

        long columns = block.ColumnsBytes(bytes);
        if (columns < 0)
        {
            return damaged;
        }

        long blockBytes = block.HeadBytes + columns;
        return blockBytes > length - at ? (SealedBlockPlace?)null : (SealedBlockPlace?)new SealedBlockPlace(at, block, (int)blockBytes);
    }

    /// <summary>
    /// A strand's blocks so far. Blocks of one instance follow each other; a new instance may go back behind a snapshot, and
    /// what was written from there on counts no more.
    /// </summary>
    private sealed class Strand(int number)
    {
        private readonly HashSet<InstanceSalt> _salts = [];
        private InstanceSalt? _salt;

        internal List<SealedBlockPlace> Groups { get; } = [];

        internal SealedBlockPlace? End { get; private set; }

        internal string? Add(in SealedBlockPlace block, ref long superseded)
        {
            (InstanceSalt salt, long group) = (block.Header.Salt, block.Header.Group);
            bool another = _salt != salt;
            if (another && !_salts.Add(salt))
            {
                return $"a block of an earlier instance stands behind a later one's: the blocks of strand {number} were reordered or repeated";
            }

            _salt = salt;
            if (another ? group > Groups.Count : group != Groups.Count || End is not null)
            {
                string what = block.Header.Kind == SealedBlockKind.End ? $"an end behind {group} row groups" : $"row group {group}";
                string where = End is not null ? "behind the strand's end" : $"in the place of row group {Groups.Count}";
                return $"{what} stands {where}: blocks were dropped, repeated or reordered";
            }

            for (int g = Groups.Count - 1; g >= group; g--)
            {
                superseded += Groups[g].Length;
                Groups.RemoveAt(g);
            }

            superseded += End?.Length ?? 0;
            End = null;
            if (block.Header.Kind == SealedBlockKind.End)
            {
                End = block;
            }
            else
            {
                Groups.Add(block);
            }

            return null;
        }
    }
}
