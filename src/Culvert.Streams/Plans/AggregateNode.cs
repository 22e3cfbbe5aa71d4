using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// Aggregates per key: over the whole stream (rows come out at its end) or per window (rows come out when the watermark
/// passes the window's end). The columns are the keys, then for windows <c>window_start</c> and <c>window_end</c>, then
/// the aggregates. Without keys there is one group.
/// </summary>
public sealed class AggregateNode(
    Node input,
    ImmutableArray<NamedExpr> keys,
    ImmutableArray<AggregateColumn> aggregates,
    WindowSpec? window = null)
    : Node(MakeSchema(keys, aggregates, window), input)
{
    /// <summary>The column with a window's first moment.</summary>
    public const string WindowStart = "window_start";

    /// <summary>The column with the first moment after a window.</summary>
    public const string WindowEnd = "window_end";

    /// <summary>The keys, over the input's columns.</summary>
    public ImmutableArray<NamedExpr> Keys { get; } = keys;

    /// <summary>What is computed, over the input's columns.</summary>
    public ImmutableArray<AggregateColumn> Aggregates { get; } = aggregates;

    /// <summary>
    /// What states are kept of: <see cref="Aggregates"/>, and for windows, behind them, the number of events, so that
    /// late ones can be counted.
    /// </summary>
    public ImmutableArray<AggregateColumn> States { get; } = MakeStates(aggregates, window);

    /// <summary>The columns in which unfinished states travel: the keys, the pane's start for windows, and a state per aggregate.</summary>
    internal Schema StateSchema { get; } = MakeStateSchema(keys, aggregates, window);

    /// <summary>The windows, or null; with windows the input has <see cref="Node.EventTimeColumn"/>.</summary>
    public WindowSpec? Window { get; } = window;

    /// <summary>True when its states are the same in whatever order, and in whatever groups, rows and states are merged.</summary>
    public bool IsOrderFree => Aggregates.All(a => a.Function switch
    {
        AggregateFunction.Count => true,
        // Of values that compare equal and differ (0 and -0, 1.0 and 1.00, one moment in two zones) the first is kept.
        AggregateFunction.Min or AggregateFunction.Max => a.Argument!.Type.Kind
            is not (ValueKind.Float32 or ValueKind.Float64 or ValueKind.Decimal or ValueKind.DateTime or ValueKind.DateTimeOffset),
        _ => a.Argument!.Type.IsInteger,
    });

    private static Schema MakeSchema(
        ImmutableArray<NamedExpr> keys, ImmutableArray<AggregateColumn> aggregates, WindowSpec? window)
    {
        ColumnType time = new(ValueKind.DateTime);
        IEnumerable<Field> windows = window is null ? [] : [new Field(WindowStart, time), new Field(WindowEnd, time)];
        return new Schema([.. keys.Select(k => k.Field), .. windows, .. aggregates.Select(a => a.Field)]);
    }

    private static ImmutableArray<AggregateColumn> MakeStates(ImmutableArray<AggregateColumn> aggregates, WindowSpec? window) =>
        window is null ? aggregates : aggregates.Add(new AggregateColumn("$events", AggregateFunction.Count, null));

    private static Schema MakeStateSchema(
        ImmutableArray<NamedExpr> keys, ImmutableArray<AggregateColumn> aggregates, WindowSpec? window) => new(
        [
            .. keys.Select(k => k.Field),
            .. window is null ? (IEnumerable<Field>)[] : [new Field("$pane", new ColumnType(ValueKind.DateTime))],
            .. MakeStates(aggregates, window).Select((a, i) => new Field(
                $"${i}",
                a is { Argument.Type.IsBytes: true, Function: AggregateFunction.Min or AggregateFunction.Max }
                    ? a.Argument!.Type.AsNullable()
                    : new ColumnType(ValueKind.State))),
        ]);
}
