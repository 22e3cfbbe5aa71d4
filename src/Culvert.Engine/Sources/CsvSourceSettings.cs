using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What a <see cref="CsvSource"/> reads, and how it is cut.</summary>
public sealed record CsvSourceSettings
{
    /// <summary>
    /// Paths, and patterns with <c>*</c>, <c>?</c> and <c>[…]</c> in the last part, whose matches are taken in ordinal order;
    /// <c>-</c> alone is standard input. At least one.
    /// </summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>The columns to deliver, by name and in this order; default (null): all.</summary>
    public ImmutableArray<string>? Wanted { get; init; }

    /// <summary>How the files are written.</summary>
    public CsvOptions Csv { get; init; } = new();

    /// <summary>Partitions, 1 to 4,096; default 8. Part of the plan: a resumed run must have the same.</summary>
    public int PartitionCount { get; init; } = 8;

    /// <summary>Bytes of a plain file's split, which is a round; default 2 MiB, at least 1. Part of the plan.</summary>
    public long SplitBytes { get; init; } = 2 << 20;

    /// <summary>Decompressed bytes of a compressed file's round; default 4 MiB, at least 1. Part of the plan.</summary>
    public long CompressedRoundBytes { get; init; } = 4 << 20;

    /// <summary>Whether the one input is read on as it grows; default false. The source then has one partition and no end.</summary>
    public bool Follow { get; init; }

    /// <summary>
    /// Where rows are appended under <see cref="MalformedRowPolicy.SetAside"/>; partition 3's go to <c>rows.p3.csv</c> for
    /// <c>rows.csv</c>. Files of an earlier run are replaced.
    /// </summary>
    public string? SetAsidePath { get; init; }
}
