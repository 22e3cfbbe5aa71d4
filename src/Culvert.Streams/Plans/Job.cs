using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>A program over streams: its sinks, and through them everything that leads there.</summary>
public sealed class Job(string name, params ImmutableArray<SinkNode> sinks)
{
    /// <summary>What people call it: letters, digits, <c>-</c>, <c>_</c> and <c>.</c></summary>
    public string Name { get; } = name;

    /// <summary>The sinks; at least one.</summary>
    public ImmutableArray<SinkNode> Sinks { get; } = sinks;

    /// <summary>The protection of nodes that name none.</summary>
    public Protection Protection { get; init; } = Protection.Open;

    /// <summary>The partitions of keyed stages that name no number; 1 to 1,024.</summary>
    public int KeyPartitions { get; init; } = 8;
}
