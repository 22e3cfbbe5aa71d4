using System.Buffers;
using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// Seals one strand of a file, block by block, into buffers that the caller appends to the file in this order (blocks of other
/// strands may stand between). Every writer is an instance with a salt of its own. Does no I/O. Not thread safe.
/// </summary>
public sealed class SealedStrandWriter : IDisposable
{
    private const byte StateVersion = 1;

    private readonly SealedFileHeader _header;
    private readonly int _strand;
    private readonly InstanceCipher _cipher;
    private readonly List<SealedGroupRecord> _groups = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private bool _ended;

    /// <summary>Begins a strand. <paramref name="fileKey"/> is only used here.</summary>
    public SealedStrandWriter(Secret fileKey, SealedFileHeader header, int strand, IEntropy entropy)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)strand, (uint)header.StrandCount, nameof(strand));
        (_header, _strand) = (header, strand);
        _cipher = InstanceCipher.ForStrand(fileKey, InstanceSalt.Random(entropy), strand, header.Tag);
    }

    /// <summary>Row groups sealed so far, those of earlier instances included.</summary>
    public int GroupCount => _groups.Count;

    /// <summary>Rows sealed so far, those of earlier instances included.</summary>
    public long RowCount { get; private set; }

    /// <summary>
    /// Goes on behind the position that <see cref="Save"/> wrote: as a new instance, with a salt of its own. The state comes from
    /// a sealed snapshot; anything but what <see cref="Save"/> wrote for this file and strand is refused.
    /// </summary>
    public static Outcome<SealedStrandWriter> Resume(Secret fileKey, SealedFileHeader header, int strand, IEntropy entropy, ReadOnlySpan<byte> state)
    {
        WireReader reader = new(state);
        if (!reader.TryByte(out byte version) || version != StateVersion || !reader.TryUInt128(out UInt128 tag) || !reader.TryInt32(out int ofStrand)
            || !reader.TryInt32(out int groups) || groups is < 0 or > SealedFileLimits.GroupsMax || reader.Left != (long)groups * StrandEnd.GroupBytes)
        {
            return new Failure(FailureKind.Malformed, $"the saved position of strand {strand} is damaged, or of another version");
        }

        if (tag != header.Tag || ofStrand != strand)
        {
            return new Failure(FailureKind.Mismatch, $"the saved position of strand {strand} is that of another sealed file or strand");
        }

        SealedStrandWriter writer = new(fileKey, header, strand, entropy);
        for (int i = 0; i < groups; i++)
        {
            _ = reader.TryInt32(out int rows) & reader.TryUInt128(out UInt128 groupTag);
            writer.Record(rows, groupTag);
        }

        return writer;
    }

    /// <summary>Writes the position behind the last group: 25 bytes, and 20 a group.</summary>
    public void Save(IBufferWriter<byte> writer)
    {
        writer.Byte(StateVersion);
        writer.UInt128(_header.Tag);
        writer.Int32(_strand);
        writer.Int32(_groups.Count);
        foreach (SealedGroupRecord group in _groups)
        {
            writer.Int32(group.Rows);
            writer.UInt128(group.Tag);
        }
    }

    /// <summary>
    /// Seals a row group and writes its block to <paramref name="output"/>, as one span. The columns are in the header's order;
    /// what is larger than <see cref="SealedFileLimits"/> allows throws, and nothing is written.
    /// </summary>
    public void AppendGroup(int rows, ReadOnlySpan<SealedColumn> columns, IBufferWriter<byte> output)
    {
        Invariant.Holds(!_ended);
        Invariant.Holds(columns.Length == _header.ColumnCount);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, SealedFileLimits.GroupRowsMax);
        if (_groups.Count == SealedFileLimits.GroupsMax)
        {
            throw new InvalidOperationException($"a strand has at most {SealedFileLimits.GroupsMax} row groups");
        }

        int directoryBytes = OpenedGroup.DirectoryBytesMin(columns.Length);
        long columnBytes = 0;
        foreach (SealedColumn column in columns)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(column.Encoding.Length, SealedFileLimits.EncodingBytesMax, nameof(columns));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(column.Plain.Length, SealedFileLimits.ColumnBytesMax, nameof(columns));
            directoryBytes += column.Encoding.Length;
            columnBytes += column.Plain.Length;
        }

        SealedBlockHeader header = new(SealedBlockKind.Group, _strand, _groups.Count, _cipher.Salt, directoryBytes, columns.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(header.HeadBytes + columnBytes, SealedFileLimits.BlockBytesMax, nameof(columns));
        int blockBytes = header.HeadBytes + (int)columnBytes;
        Span<byte> block = output.GetSpan(blockBytes)[..blockBytes];
        header.Write(block);
        _scratch.ResetWrittenCount();
        _scratch.Int32(rows);
        _scratch.UInt128(_groups.Count == 0 ? UInt128.Zero : _groups[^1].Tag);
        int at = header.HeadBytes;
        for (int c = 0; c < columns.Length; c++)
        {
            ReadOnlySpan<byte> plain = columns[c].Plain.Span;
            BinaryPrimitives.WriteInt32LittleEndian(block[(SealedBlockHeader.FixedBytes + (sizeof(int) * c))..], plain.Length);
            _scratch.UInt128(_cipher.Seal(header.Group, InstanceCipher.FirstColumnNumber + (uint)c, plain, block.Slice(at, plain.Length)));
            _scratch.Byte((byte)columns[c].Encoding.Length);
            _scratch.Write(columns[c].Encoding.Span);
            at += plain.Length;
        }

        UInt128 tag = SealHead(header, InstanceCipher.DirectoryNumber, block);
        output.Advance(blockBytes);
        Record(rows, tag);
    }

    /// <summary>Seals the strand's end and writes its block to <paramref name="output"/>; nothing comes after it.</summary>
    /// <param name="coverage">What the strand covers, in the caller's bytes; at most <see cref="SealedFileLimits.CoverageBytesMax"/>.</param>
    /// <param name="output">Where the block goes, as one span.</param>
    /// <returns>The end as a reader will see it.</returns>
    public StrandEnd End(ReadOnlySpan<byte> coverage, IBufferWriter<byte> output)
    {
        Invariant.Holds(!_ended);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(coverage.Length, SealedFileLimits.CoverageBytesMax, nameof(coverage));
        _scratch.ResetWrittenCount();
        StrandEnd.Write(_scratch, _groups, coverage);
        SealedBlockHeader header = new(SealedBlockKind.End, _strand, _groups.Count, _cipher.Salt, _scratch.WrittenCount, 0);
        Span<byte> block = output.GetSpan(header.HeadBytes)[..header.HeadBytes];
        header.Write(block);
        UInt128 tag = SealHead(header, InstanceCipher.EndNumber, block);
        output.Advance(header.HeadBytes);
        _ended = true;
        return StrandEnd.Read(_strand, _groups.Count, tag, _scratch.WrittenSpan)!;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cipher.Dispose();
        _scratch.Clear();
    }

    private UInt128 SealHead(in SealedBlockHeader header, uint number, Span<byte> block)
    {
        UInt128 tag = _cipher.Seal(
            header.Group, number, _scratch.WrittenSpan, block.Slice(header.HeaderBytes, header.SealedBytes), block[..header.HeaderBytes]);
        BinaryPrimitives.WriteUInt128BigEndian(block[(header.HeaderBytes + header.SealedBytes)..], tag);
        return tag;
    }

    private void Record(int rows, UInt128 tag)
    {
        _groups.Add(new SealedGroupRecord(rows, tag));
        RowCount += rows;
    }
}
