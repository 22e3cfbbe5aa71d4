using Culvert.Streams;

namespace Culvert.Cli;

/// <summary>An operator of a plan in a line.</summary>
internal static class OperatorText
{
    internal static string Describe(PlanOperator op) => op.Role switch
    {
        OperatorRole.Source => ((SourceNode)op.Node).Source.Description,
        OperatorRole.Where => $"where {((WhereNode)op.Node).Predicate}",
        OperatorRole.Select => $"select {string.Join(", ", ((SelectNode)op.Node).Columns.Select(c => c.Value.ToString() == c.Name ? c.Name : $"{c.Name} = {c.Value}"))}",
        OperatorRole.Code => ((CodeNode)op.Node).Code.Description,
        OperatorRole.EventTime => $"event time {((EventTimeNode)op.Node).Time}, disorder {((EventTimeNode)op.Node).Disorder}",
        OperatorRole.PartialAggregate => $"per round: {Aggregates((AggregateNode)op.Node)}",
        OperatorRole.FinalAggregate => $"{(((AggregateNode)op.Node).Window is { } window ? $"{window}: " : "")}{Aggregates((AggregateNode)op.Node)}",
        OperatorRole.LateSplit => "part late events from the others",
        OperatorRole.Fold => $"{((FoldNode)op.Node).Code.Description}{By(((FoldNode)op.Node).Keys)}",
        OperatorRole.Merge => "merge",
        OperatorRole.Lookup => $"look up {((LookupNode)op.Node).Key} in {((LookupNode)op.Node).Table.Name}",
        OperatorRole.Sink => $"to {((SinkNode)op.Node).Sink.Description}",
        _ => op.Role.ToString(),
    };

    private static string Aggregates(AggregateNode node) =>
        $"{string.Join(", ", node.Aggregates.Select(a => $"{a.Name} = {a.Function.ToString().ToLowerInvariant()}({a.Argument})"))}{By(node.Keys)}";

    private static string By(IReadOnlyCollection<NamedExpr> keys) =>
        keys.Count == 0 ? "" : $" by {string.Join(", ", keys.Select(k => k.Value.ToString() == k.Name ? k.Name : $"{k.Name} = {k.Value}"))}";
}
