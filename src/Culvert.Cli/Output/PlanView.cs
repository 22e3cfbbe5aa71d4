using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli.Output;

/// <summary>A plan in words, for the forms in which it is shown.</summary>
internal sealed record PlanView(Plan Plan, string? Description, IReadOnlyList<PlanView.StageView> Stages)
{
    /// <summary>A stage in words.</summary>
    /// <param name="Stage">The stage.</param>
    /// <param name="Operators">Each of its operators.</param>
    /// <param name="Output">What leaves its last operator; null for a stage that ends in a sink.</param>
    /// <param name="ColumnsInFile">For a source that leaves columns unread: how many there are; else null.</param>
    internal sealed record StageView(Stage Stage, IReadOnlyList<string> Operators, Schema? Output, int? ColumnsInFile);

    internal static PlanView Of(Plan plan, JobFile file)
    {
        List<StageView> stages = [];
        foreach (Stage stage in plan.Stages)
        {
            PlanOperator last = stage.Operators[^1];
            int? columns = stage.Source is { Source.CanProject: true } source
                ? file.Streams.Values.OfType<SourceNode>().FirstOrDefault(s => s.Name == source.Name)?.Schema.Count
                : null;
            stages.Add(new StageView(stage, [.. stage.Operators.Select(Describe)], last.Role == OperatorRole.Sink ? null : last.Output, columns));
        }

        return new PlanView(plan, file.Description, stages);
    }

    /// <summary>The columns that people named; those that the engine carries for itself begin with a dollar sign.</summary>
    internal static IEnumerable<Field> Shown(Schema schema) => schema.Fields.Where(f => !f.Name.StartsWith('$'));

    /// <summary>How an edge sends rows: <c>by key (carrier)</c>.</summary>
    internal static string Describe(Edge edge) => edge.Dispatch switch
    {
        Dispatch.ByKey => $"by key ({string.Join(", ", edge.KeyColumns.Select(k => edge.Schema[k].Name))})",
        Dispatch.RoundRobin => "round robin",
        Dispatch.Broadcast => "broadcast",
        Dispatch.Gather => "gather",
        _ => "forward",
    };

    /// <summary>Whether the receiver puts frames in order.</summary>
    internal static string Order(Edge edge) => edge.Ordered ? "in order" : "in any order";

    private static string Describe(PlanOperator op) => op.Role switch
    {
        OperatorRole.Source => $"source     {((SourceNode)op.Node).Source.Description}",
        OperatorRole.Where => $"where      {((WhereNode)op.Node).Predicate}",
        OperatorRole.Select => $"select     {Named(((SelectNode)op.Node).Columns.Select(c => (c.Name, Text: c.Value.ToString()!)))}",
        OperatorRole.Code => $"code       {((CodeNode)op.Node).Code.Description}",
        OperatorRole.EventTime => $"event time {((EventTimeNode)op.Node).Time}, disorder {((EventTimeNode)op.Node).Disorder}",
        OperatorRole.PartialAggregate => $"aggregate  {Aggregates((AggregateNode)op.Node)} per round",
        OperatorRole.FinalAggregate => $"merge      {Aggregates((AggregateNode)op.Node)}",
        OperatorRole.LateSplit => "late       events that come too late go another way",
        OperatorRole.Fold => $"fold       {((FoldNode)op.Node).Code.Description}{By(((FoldNode)op.Node).Keys.Select(k => k.Name))}",
        OperatorRole.Merge => op.Inputs.Length > 1 ? $"merge      {op.Inputs.Length} streams" : "receive",
        OperatorRole.Lookup => $"lookup     {((LookupNode)op.Node).Key} in {((LookupNode)op.Node).Table.Name}",
        OperatorRole.Sink => $"sink       {((SinkNode)op.Node).Sink.Description}",
        _ => op.Role.ToString(),
    };

    private static string Aggregates(AggregateNode node)
    {
        string functions = string.Join(", ", node.Aggregates.Select(a => $"{a.Name} = {a.Function.ToString().ToLowerInvariant()}({a.Argument})"));
        string window = node.Window is { } w ? $" over {w}" : "";
        return $"{functions}{By(node.Keys.Select(k => k.Name))}{window}";
    }

    private static string By(IEnumerable<string> keys) => string.Join(", ", keys) is { Length: > 0 } all ? $" by {all}" : "";

    private static string Named(IEnumerable<(string Name, string Text)> columns) =>
        string.Join(", ", columns.Select(c => c.Name == c.Text ? c.Name : $"{c.Name} = {c.Text}"));
}
