namespace Culvert.Streams;

/// <summary>Whether the order of an edge's frames matters to who receives them: derived from the plan, never declared.</summary>
internal static class EdgeOrder
{
    /// <summary>
    /// It does unless what reads the edge is an aggregate whose states are the same in whatever order they are merged: then
    /// nothing that leaves the stage depends on which frame came first.
    /// </summary>
    internal static bool Matters(PlanOperator reader) => reader.Role != OperatorRole.FinalAggregate || !((AggregateNode)reader.Node).IsOrderFree;
}
