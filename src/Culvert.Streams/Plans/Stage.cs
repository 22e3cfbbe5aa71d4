using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>One or more fused operators that run together, in each of a fixed number of partitions.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">What <c>plan</c>, <c>peek</c> and progress call it; unique in the plan.</param>
/// <param name="Protection">Where its data may be seen.</param>
/// <param name="PartitionCount">Its partitions.</param>
/// <param name="Operators">The operators, each behind those it reads from.</param>
/// <param name="Constraints">Labels that a node must have to be given a partition.</param>
public sealed record Stage(
    StageId Id,
    string Name,
    Protection Protection,
    int PartitionCount,
    ImmutableArray<PlanOperator> Operators,
    ImmutableArray<string> Constraints)
{
    /// <summary>The source it begins with, or null when it reads from other stages.</summary>
    public SourceNode? Source => Operators[0].Node as SourceNode;
}
