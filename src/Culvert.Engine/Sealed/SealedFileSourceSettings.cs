using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>What a <see cref="SealedFileSource"/> reads, and how it is cut.</summary>
public sealed record SealedFileSourceSettings
{
    /// <summary>Paths and patterns, as <see cref="CsvSourceSettings.Inputs"/> has them, without standard input. At least one.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>Gives the owner's secret when the files are opened; whoever calls it disposes what it gives.</summary>
    public required Func<Secret> Owner { get; init; }

    /// <summary>Partitions, 1 to 4,096; default 8. Part of the plan: a resumed run must have the same.</summary>
    public int PartitionCount { get; init; } = 8;

    /// <summary>Row groups of a round, 1 to 1,024; default 4. Part of the plan.</summary>
    public int GroupsPerRound { get; init; } = 4;
}
