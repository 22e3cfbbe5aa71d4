using System.Buffers;

namespace Culvert.Sealing;

/// <summary>A strand's opened end: which row groups it has, and what it covers. Authenticated and immutable.</summary>
public sealed class StrandEnd
{
    /// <summary>Bytes of a group in the sealed end: rows and tag.</summary>
    internal const int GroupBytes = sizeof(int) + 16;

    private readonly SealedGroupRecord[] _groups;

    private StrandEnd(int strand, long rows, SealedGroupRecord[] groups, byte[] coverage, UInt128 tag) =>
        (Strand, RowCount, _groups, Coverage, Tag) = (strand, rows, groups, coverage, tag);

    /// <summary>Which strand.</summary>
    public int Strand { get; }

    /// <summary>Rows of all its groups.</summary>
    public long RowCount { get; }

    /// <summary>How many row groups it has.</summary>
    public int GroupCount => _groups.Length;

    /// <summary>What the writer said about completeness and inputs; the caller's bytes.</summary>
    public ReadOnlyMemory<byte> Coverage { get; }

    /// <summary>The end's tag, which pins all of the strand.</summary>
    public UInt128 Tag { get; }

    /// <summary>Rows of a group.</summary>
    public int GroupRows(int group) => _groups[group].Rows;

    internal UInt128 GroupTag(int group) => _groups[group].Tag;

    internal static void Write(IBufferWriter<byte> writer, IReadOnlyList<SealedGroupRecord> groups, ReadOnlySpan<byte> coverage)
    {
        writer.Int64(groups.Sum(g => (long)g.Rows));
        foreach (SealedGroupRecord group in groups)
        {
            writer.Int32(group.Rows);
            writer.UInt128(group.Tag);
        }

        writer.Int32(coverage.Length);
        writer.Write(coverage);
    }

    /// <summary>Reads what <see cref="Write"/> wrote for <paramref name="groups"/> groups; null for anything else.</summary>
    internal static StrandEnd? Read(int strand, long groups, UInt128 tag, ReadOnlySpan<byte> source)
    {
        WireReader reader = new(source);
        if (!reader.TryInt64(out long rows) || groups * GroupBytes > reader.Left)
        {
            return null;
        }

        SealedGroupRecord[] records = new SealedGroupRecord[groups];
        long sum = 0;
        for (int i = 0; i < records.Length; i++)
        {
            if (!reader.TryInt32(out int count) || count is < 0 or > SealedFileLimits.GroupRowsMax || !reader.TryUInt128(out UInt128 groupTag))
            {
                return null;
            }

            records[i] = new SealedGroupRecord(count, groupTag);
            sum += count;
        }

        return sum == rows && reader.TryInt32(out int length) && length <= SealedFileLimits.CoverageBytesMax
            && reader.TryTake(length, out ReadOnlySpan<byte> coverage) && reader.Left == 0
            ? new StrandEnd(strand, rows, records, coverage.ToArray(), tag)
            : null;
    }
}

/// <summary>What an end says about a group.</summary>
internal readonly record struct SealedGroupRecord(int Rows, UInt128 Tag);
