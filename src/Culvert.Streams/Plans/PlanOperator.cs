using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>What an operator of a stage does. The numbers are part of the canonical plan and never change.</summary>
public enum OperatorRole : byte
{
    Source = 1,
    Where = 2,
    Select = 3,
    Code = 4,
    EventTime = 5,

    /// <summary>Folds a round's rows into one state per key (and pane).</summary>
    PartialAggregate = 6,

    /// <summary>Merges states, and gives results at the end or when windows close.</summary>
    FinalAggregate = 7,

    /// <summary>Parts events that come too late for every window from the others.</summary>
    LateSplit = 8,

    Fold = 9,
    Merge = 10,
    Lookup = 11,
    Sink = 12,
}

/// <summary>Where an operator's input comes from: an edge, or an output port of an operator of the same stage.</summary>
/// <param name="Edge">The edge, or -1.</param>
/// <param name="Operator">The operator's index in the stage, or -1.</param>
/// <param name="Port">The operator's output port.</param>
public readonly record struct PlanInput(int Edge, int Operator, int Port)
{
    /// <summary>An edge's frames.</summary>
    public static PlanInput FromEdge(EdgeId edge) => new(edge.Value, -1, 0);

    /// <summary>An operator's output.</summary>
    public static PlanInput FromOperator(int index, int port) => new(-1, index, port);
}

/// <summary>An operator of a stage.</summary>
/// <param name="Role">What it does.</param>
/// <param name="Node">The node it came from, which has the details.</param>
/// <param name="Inputs">Where its inputs come from.</param>
/// <param name="Output">What it delivers on port 0.</param>
public sealed record PlanOperator(OperatorRole Role, Node Node, ImmutableArray<PlanInput> Inputs, Schema Output);

/// <summary>The frames from one operator's port to a stage.</summary>
/// <param name="Id">Its number.</param>
/// <param name="From">The producing stage.</param>
/// <param name="Operator">The producing operator's index in it.</param>
/// <param name="Port">The operator's port.</param>
/// <param name="To">The receiving stage.</param>
/// <param name="Dispatch">How the producer chooses the partition.</param>
/// <param name="KeyColumns">For <see cref="Dispatch.ByKey"/>: the columns of the key.</param>
/// <param name="Ordered">True when the receiver's result depends on the order of frames, so that they are merged.</param>
/// <param name="Schema">What flows.</param>
public sealed record Edge(
    EdgeId Id,
    StageId From,
    int Operator,
    int Port,
    StageId To,
    Dispatch Dispatch,
    ImmutableArray<int> KeyColumns,
    bool Ordered,
    Schema Schema);
