using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>Sends each event to a partition of the next stage by a policy of its own.</summary>
public sealed class PartitionNode(Node input, Dispatch dispatch, ImmutableArray<NamedExpr> keys, int? count)
    : Node(input.Schema, input)
{
    /// <summary>The policy.</summary>
    public Dispatch Dispatch { get; } = dispatch;

    /// <summary>For <see cref="Dispatch.ByKey"/>: the keys.</summary>
    public ImmutableArray<NamedExpr> Keys { get; } = keys;

    /// <summary>Partitions of the stage that follows, or null for the job's default.</summary>
    public int? Count { get; } = count;
}

/// <summary>How a producer chooses the partition that a row goes to. The numbers are part of the canonical plan.</summary>
public enum Dispatch : byte
{
    /// <summary>To the partition of the producer's own number.</summary>
    Forward = 1,

    /// <summary>Batch by batch, in turn.</summary>
    RoundRobin = 2,

    /// <summary>By the hash of the key.</summary>
    ByKey = 3,

    /// <summary>To every partition.</summary>
    Broadcast = 4,

    /// <summary>All to partition 0.</summary>
    Gather = 5,
}
