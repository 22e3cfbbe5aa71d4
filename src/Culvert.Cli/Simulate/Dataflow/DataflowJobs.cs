using System.Collections.Concurrent;
using System.Collections.Immutable;
using Culvert.Simulation;
using Culvert.Streams;
using Culvert.Streams.Expressions;
using Node = Culvert.Streams.Node;

namespace Culvert.Cli.Simulate;

/// <summary>The plans that the dataflow scenario runs: any few of these sinks, over any small numbers of partitions.</summary>
internal static class DataflowJobs
{
    internal static readonly Schema Events = new(
        new Field("key", new ColumnType(ValueKind.Text)),
        new Field("value", new ColumnType(ValueKind.Int32)),
        new Field("amount", new ColumnType(ValueKind.Float64)),
        new Field("at", new ColumnType(ValueKind.DateTime)));

    private static readonly Func<Node, Node, IEnumerable<SinkNode>>[] s_parts =
        [Totals, Counts, Windows, LateWindows, Scan, Digest, Tickets, TotalsOfWindows];

    private static readonly ConcurrentDictionary<(int A, int B, int Keys, int Parts), Plan> s_plans = new();

    /// <summary>A plan by chance; the same one for the same dice, made once.</summary>
    internal static Plan Choose(Dice dice)
    {
        int parts = 0;
        for (int i = dice.Between(1, 3); i > 0; i--)
        {
            parts |= 1 << dice.Below(s_parts.Length);
        }

        return s_plans.GetOrAdd((dice.Between(1, 3), dice.Between(1, 2), dice.Between(1, 3), parts), Make);
    }

    private static Plan Make((int A, int B, int Keys, int Parts) shape)
    {
        SourceNode a = new(new SimulatedSourceSpec("a", shape.A), Events);
        SourceNode b = new(new SimulatedSourceSpec("b", shape.B), Events);
        IEnumerable<SinkNode> sinks = s_parts.Where((_, i) => (shape.Parts >> i & 1) == 1).SelectMany(part => part(a, b));
        return Plan.Compile(new Job("simulated", [.. sinks]) { KeyPartitions = shape.Keys });
    }

    /// <summary>Sums of floating point numbers: ordered edges.</summary>
    private static IEnumerable<SinkNode> Totals(Node a, Node b)
    {
        Expr some = Expr.Binary(BinaryOperator.GreaterThan, Column(a, "value"), Expr.Constant(20));
        AggregateNode totals = new(new WhereNode(a, some), ByKey(a), [
            new AggregateColumn("count", AggregateFunction.Count, null),
            new AggregateColumn("sum", AggregateFunction.Sum, Column(a, "amount")),
            new AggregateColumn("average", AggregateFunction.Average, Column(a, "amount")),
            new AggregateColumn("max", AggregateFunction.Max, Column(a, "value")),
        ]);
        yield return Sink(totals, "totals");
    }

    /// <summary>Whole numbers of two streams: edges without order.</summary>
    private static IEnumerable<SinkNode> Counts(Node a, Node b)
    {
        MergeNode both = new(a, b);
        AggregateNode counts = new(both, ByKey(both), [
            new AggregateColumn("count", AggregateFunction.Count, null),
            new AggregateColumn("sum", AggregateFunction.Sum, Column(both, "value")),
            new AggregateColumn("min", AggregateFunction.Min, Column(both, "value")),
        ]);
        yield return Sink(counts, "counts");
    }

    private static IEnumerable<SinkNode> Windows(Node a, Node b)
    {
        yield return Sink(Window(Timed(new MergeNode(a, b), 4), WindowSpec.Sliding(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10))), "windows");
    }

    private static IEnumerable<SinkNode> LateWindows(Node a, Node b)
    {
        AggregateNode windows = Window(
            new MergeNode(Timed(b, 1), Timed(a, 1)), WindowSpec.Tumbling(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)));
        yield return Sink(windows, "late-windows");
        yield return Sink(new LateNode(windows), "late");
    }

    private static IEnumerable<SinkNode> Scan(Node a, Node b)
    {
        MergeNode both = new(b, a);
        yield return Sink(new FoldNode(both, ByKey(both), new OrderFold(Events, 1, perEvent: true)), "scan");
    }

    private static IEnumerable<SinkNode> Digest(Node a, Node b)
    {
        yield return Sink(new FoldNode(a, ByKey(a), new OrderFold(Events, 1, perEvent: false)), "digest");
    }

    private static IEnumerable<SinkNode> Tickets(Node a, Node b)
    {
        PartitionNode dealt = new(a, Dispatch.RoundRobin, [], 2);
        yield return Sink(new CodeNode(dealt, new LotteryCode(Events)), "tickets");
    }

    private static IEnumerable<SinkNode> TotalsOfWindows(Node a, Node b)
    {
        AggregateNode windows = Window(Timed(a, 2), WindowSpec.Tumbling(TimeSpan.FromSeconds(10)));
        AggregateNode totals = new(
            windows,
            [new NamedExpr("from", Column(windows, AggregateNode.WindowStart))],
            [new AggregateColumn("sum", AggregateFunction.Sum, Column(windows, "sum"))]);
        yield return Sink(totals, "window-totals");
    }

    private static EventTimeNode Timed(Node input, int disorderSeconds) =>
        new(input, Column(input, "at"), TimeSpan.FromSeconds(disorderSeconds));

    private static AggregateNode Window(Node timed, WindowSpec window) => new(
        timed,
        ByKey(timed),
        [
            new AggregateColumn("count", AggregateFunction.Count, null),
            new AggregateColumn("sum", AggregateFunction.Sum, Column(timed, "amount")),
        ],
        window);

    private static ImmutableArray<NamedExpr> ByKey(Node node) => [new NamedExpr("key", Column(node, "key"))];

    private static ColumnExpr Column(Node node, string name) => Expr.Column(node.Schema, name);

    private static SinkNode Sink(Node node, string name) => new(node, new RecordedSinkSpec(name));
}
