using System.Globalization;
using System.Security.Cryptography;

namespace Culvert.Stages;

/// <summary>Names, marks and limits of stored snapshots; <c>docs/specs/snapshot.md</c> gives the reasons.</summary>
public static class SnapshotFormat
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const ushort Version = 1;

    /// <summary>Snapshots that are kept: the newest, and the one before it for when the newest turns out unreadable.</summary>
    public const int SnapshotsKept = 2;

    /// <summary>A segment is closed once it holds so much: few blobs, and a buffer that is small beside the state.</summary>
    public const int SegmentBytesTarget = 8 << 20;

    /// <summary>A segment at most: the target, and one page whose values lie outside it.</summary>
    public const int SegmentBytesMax = 64 << 20;

    /// <summary>Segments that one snapshot of a partition refers to at most; beyond it small ones are rewritten.</summary>
    public const int SegmentsMax = 1024;

    /// <summary>The meta bytes of a partition or of a run at most.</summary>
    public const int MetaBytesMax = 64 << 20;

    /// <summary>A partition's record at most: meta bytes and 45 bytes per page, hence some 100 GiB of state.</summary>
    public const int RecordBytesMax = 512 << 20;

    /// <summary>A manifest at most.</summary>
    public const int ManifestBytesMax = 128 << 20;

    /// <summary>Tables of a partition at most.</summary>
    public const int TablesMax = 4096;

    /// <summary>Bytes of a table's name in UTF-8 at most.</summary>
    public const int TableNameBytesMax = 256;

    internal const string ManifestPrefix = "manifests/";
    internal const string PartitionPrefix = "partitions/";
    internal const string SegmentPrefix = "segments/";
    internal const int DigestBytes = SHA256.HashSizeInBytes;

    /// <summary>In the order of removal. Manifests go first: what is left after a crash is named by none, and goes the next time.</summary>
    internal static readonly string[] Prefixes = [ManifestPrefix, PartitionPrefix, SegmentPrefix];

    internal static ReadOnlySpan<byte> ManifestMark => "CULVSNAP"u8;

    internal static ReadOnlySpan<byte> RecordMark => "CULVPART"u8;

    internal static string ManifestName(Round round) =>
        string.Create(CultureInfo.InvariantCulture, $"{ManifestPrefix}r{round.Value:x16}");

    internal static string RecordName(Producer producer, Round round) =>
        string.Create(CultureInfo.InvariantCulture, $"{PartitionPrefix}s{producer.Stage.Value:x8}-p{producer.Partition.Value:x8}-r{round.Value:x16}");

    internal static string SegmentName(Producer producer, SegmentId segment) =>
        string.Create(CultureInfo.InvariantCulture, $"{SegmentPrefix}s{producer.Stage.Value:x8}-p{producer.Partition.Value:x8}-r{segment.Round.Value:x16}-{segment.Ordinal:x8}");

    /// <summary>The round in a name that one of the methods above made; null for any other name.</summary>
    internal static Round? RoundOf(string name)
    {
        int at = name.LastIndexOf('r');
        return at >= 0 && name.Length >= at + 17
            && long.TryParse(name.AsSpan(at + 1, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long round)
            && round >= 0
                ? new Round(round)
                : null;
    }
}
