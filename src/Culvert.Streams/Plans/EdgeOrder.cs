namespace Culvert.Streams;

/// <summary>Whether the order of an edge's frames matters to who receives them: derived from the plan, never declared.</summary>
internal static class EdgeOrder
{
    /// <summary>
    /// It does unless what reads the edge is an aggregate whose states are the same in whatever order they are merged: then
    /// nothing that leaves the stage depends on which frame came first.
    /// </summary>
    internal static bool Matters(PlanOperator reader) => reader.Role != OperatorRole.FinalAggregate || !IsFree((AggregateNode)reader.Node);

    private static bool IsFree(AggregateNode node) => node.Aggregates.All(a => a.Function switch
    {
        AggregateFunction.Count => true,
        // Of values that compare equal and differ (0 and -0, 1.0 and 1.00, one moment in two zones) the first is kept.
        AggregateFunction.Min or AggregateFunction.Max => a.Argument!.Type.Kind
            is not (ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.DateTime or ValueKind.DateTimeOffset),
        _ => a.Argument!.Type.IsInteger,
    });
}
