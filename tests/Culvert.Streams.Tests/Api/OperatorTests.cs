using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests.Api;

public class OperatorTests
{
    private static readonly Flight[] None = [];

    private static Stream<Flight> Flights => Source.From(None);

    private static string Columns(Node node) => string.Join("; ", ((SelectNode)node).Columns.Select(c => $"{c.Name} = {c.Value}"));

    [Fact]
    public void ALambdaIsAnExpressionOverColumns()
    {
        Stream<Flight> late = Flights.Where(f => f.ArrDelay > 0);
        WhereNode where = Assert.IsType<WhereNode>(late.Node);
        Assert.Equal([1], Expr.Columns(where.Predicate));
    }

    [Fact]
    public void AMethodGroupAndADelegateVariableAreOpaqueCode()
    {
        Func<Flight, bool> isFar = f => f.Distance > 100;
        Assert.IsType<CodeNode>(Flights.Where(IsLate).Node);
        Assert.IsType<CodeNode>(Flights.Where(isFar).Node);
        Assert.IsType<CodeNode>(Flights.Select(Shorten).Node);
    }

    [Fact]
    public void ALambdaThatCallsUserCodeFallsBackToOpaqueCode()
    {
        Stream<Flight> late = Flights.Where(f => IsLate(f) && f.Distance > 5);
        CodeNode code = Assert.IsType<CodeNode>(late.Node);
        Assert.Contains("IsLate", code.Code.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void ProjectionsOntoAnonymousTypesRecordsAndValuesAreColumns()
    {
        Assert.Equal("Carrier = Carrier; Hours = Distance / 500", Columns(Flights.Select(f => new { f.Carrier, Hours = f.Distance / 500 }).Node));
        Assert.Equal("Key, Value", string.Join(", ", Assert.IsType<SelectNode>(Flights.Select(f => new Point(f.Distance, f.Distance * 0.5)).Node).Schema.Fields.Select(f => f.Name)));
        Assert.Equal("value = Distance + 1", Columns(Flights.Select(f => f.Distance + 1).Node));
        Assert.Equal("A = Distance; B = Carrier; c_column = null", Columns(Flights.Select(f => new RowRoundTripTests.Settable { A = f.Distance, B = f.Carrier, C = null }).Node));
        Assert.IsType<CodeNode>(Flights.Select(f => new RowRoundTripTests.Settable { A = f.Distance }).Node);
    }

    private sealed class Checked
    {
        public Checked(int size) => Size = Math.Abs(size);

        public int Size { get; }
    }

    [Fact]
    public void AConstructorThatDoesMoreThanStoreIsUserCode() =>
        Assert.IsType<CodeNode>(Flights.Select(f => new Checked(f.Distance)).Node);

    [Fact]
    public void ConsecutiveOpaqueStepsAreOneNodeUnlessNamed()
    {
        Stream<string> fused = Flights.Where(IsLate).Select(Shorten);
        Assert.IsType<SourceNode>(fused.Node.Inputs[0]);
        Stream<string> apart = Flights.Where(IsLate).Named("late").Select(Shorten);
        Assert.Equal("late", Assert.IsType<CodeNode>(apart.Node.Inputs[0]).Name);
    }

    [Fact]
    public void EventTimeIsCarriedThroughProjectionsAndCode()
    {
        Stream<Flight> timed = Flights.WithEventTime(f => f.At, TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(5), Assert.IsType<EventTimeNode>(timed.Node).Disorder);
        Assert.Equal(["value", Node.EventTimeColumn], timed.Select(f => f.Distance).Node.Schema.Fields.Select(f => f.Name));
        Assert.Equal(["value", Node.EventTimeColumn], timed.Select(Shorten).Node.Schema.Fields.Select(f => f.Name));
        Assert.Equal(["value", Node.EventTimeColumn], timed.GroupBy(f => f.Carrier).Scan(0, (sum, f) => sum + f.Distance).Node.Schema.Fields.Select(f => f.Name));
    }

    [Fact]
    public void AGroupsAggregatesBecomeColumnsNamedAsTheResultNamesThem()
    {
        var result = Flights.GroupBy(f => f.Carrier).Aggregate(g => new
        {
            carrier = g.Key,
            delayed = g.Count(f => f.ArrDelay > 0),
            total = g.Sum(f => f.ArrDelay),
            average = g.Average(f => f.ArrDelay),
        });
        AggregateNode node = Assert.IsType<AggregateNode>(result.Node);
        Assert.Equal("carrier: text, delayed: int64, total: int64, average: float64?", node.Schema.ToString());
        Assert.Equal([AggregateFunction.Count, AggregateFunction.Sum, AggregateFunction.Average], node.Aggregates.Select(a => a.Function));
    }

    [Fact]
    public void ExpressionsOverAggregatesAreAProjectionAndEachAggregateIsComputedOnce()
    {
        var result = Flights.GroupBy(f => new { f.Carrier, f.Distance }).Aggregate(g => new
        {
            g.Key.Distance,
            Mean = g.Sum(f => f.Distance) / (double)g.Count(),
            Count = g.Count(),
            Span = g.Max(f => f.Distance) - g.Min(f => f.Distance),
        });
        SelectNode select = Assert.IsType<SelectNode>(result.Node);
        AggregateNode node = Assert.IsType<AggregateNode>(select.Inputs[0]);
        Assert.Equal("Carrier: text, Distance: int32, sum_Distance: int64, Count: int64, max_Distance: int32, min_Distance: int32", node.Schema.ToString());
        Assert.Equal("Distance: int32, Mean: float64, Count: int64, Span: int32", select.Schema.ToString());
    }

    [Fact]
    public void KeysAndArgumentsThatAreUserCodeBecomeComputedColumns()
    {
        var result = Flights.GroupBy(f => Shorten(f)).Aggregate(g => new { g.Key, Far = g.Max(f => Far(f)) });
        AggregateNode node = Assert.IsType<AggregateNode>(result.Node);
        CodeNode argument = Assert.IsType<CodeNode>(node.Inputs[0]);
        Assert.IsType<CodeNode>(argument.Inputs[0]);
        Assert.Equal("Key: text?, Far: int32", node.Schema.ToString());
    }

    [Fact]
    public void AResultThatIsNoExpressionIsRefusedWithAdvice()
    {
        JobDefinitionException refused = Assert.Throws<JobDefinitionException>(
            () => Flights.GroupBy(f => f.Carrier).Aggregate(g => new { Name = g.Key.GetHashCode() }));
        Assert.Contains("Compute the rest in a Select", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowsNeedATimeAndHaveLateEvents()
    {
        WindowSpec minute = WindowSpec.Tumbling(TimeSpan.FromMinutes(1));
        Assert.Contains(
            "WithEventTime",
            Assert.Throws<JobDefinitionException>(() => Flights.GroupBy(f => f.Carrier).Window(minute).Aggregate(g => g.Count())).Message,
            StringComparison.Ordinal);
        var windows = Flights.WithEventTime(f => f.At).GroupBy(f => f.Carrier).Window(minute)
            .Aggregate(g => new { g.Key, g.WindowStart, g.WindowEnd, Count = g.Count() });
        Assert.Equal("Key: text, WindowStart: datetime, WindowEnd: datetime, Count: int64", windows.Node.Schema.ToString());
        LateNode late = Assert.IsType<LateNode>(windows.LateEvents.Node);
        Assert.Same(windows.Named("counts").Node.Inputs[0], late.Window);
        var all = Flights.WithEventTime(f => f.At).Window(minute).Aggregate(w => new { w.WindowEnd, Count = w.Count() });
        Assert.Empty(Assert.IsType<AggregateNode>(all.Node.Inputs[0]).Keys);
    }

    [Fact]
    public void FoldsCarryTheirKeysWhereTheResultAsksForThem()
    {
        var totals = Flights.GroupBy(f => f.Carrier).Scan(0L, (sum, f) => sum + f.Distance, (carrier, sum) => new { carrier, sum });
        FoldNode fold = Assert.IsType<FoldNode>(totals.Node.Inputs[0]);
        Assert.True(fold.Code.EmitsPerEvent);
        Assert.Equal("carrier: text, sum: int64", totals.Node.Schema.ToString());
        var last = Flights.GroupBy(f => f.Carrier).Aggregate(0L, (sum, f) => sum + f.Distance, (a, b) => a + b, sum => sum / 2.0, (carrier, half) => new { carrier, half });
        Assert.Equal("carrier: text, half: float64", last.Node.Schema.ToString());
        Assert.IsAssignableFrom<IMergingFoldInstance>(Assert.IsType<FoldNode>(last.Node.Inputs[0]).Code.Create());
    }

    [Fact]
    public void LookupsJoinTheEventWithItsRow()
    {
        LookupTable<string, string> names = Source.Table("names", new Dictionary<string, string> { ["AA"] = "American" });
        var inner = Flights.Lookup(names, f => f.Carrier, (f, name) => new { f.Distance, Name = name });
        Assert.False(Assert.IsType<LookupNode>(inner.Node.Inputs[0]).KeepUnmatched);
        Assert.Equal("Distance: int32, Name: text?", inner.Node.Schema.ToString());

        LookupTable<string, Point> points = Source.Table("points", [new Flight("AA", null, 3, default, null)], f => f.Carrier, f => new Point(f.Distance, 1.5));
        var left = Flights.LeftLookup(points, f => f.Carrier, (f, p) => new { f.Carrier, p.Key });
        Assert.Equal("Carrier: text, Key: int32", left.Node.Schema.ToString());
        Assert.Equal(["AA", 3, 1.5, true], ((LookupNode)left.Node.Inputs[0]).Table.Rows.SelectMany(r => r.Value.Prepend(r.Key)));
        Assert.Contains("twice", Assert.Throws<JobDefinitionException>(() => Source.Table("t", None.Append(new("A", 1, 1, default, "")).Append(new("A", 1, 1, default, "")), f => f.Carrier, f => f.Distance)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MarksStayOnTheStepTheyWereGivenTo()
    {
        Stream<Flight> marked = Flights.Where(f => f.Distance > 1).Named("far").WithProtection(Protection.Sealed).Require("gpu").Require("eu").Apart();
        Assert.Equal("far", marked.Node.Name);
        Assert.Equal(Protection.Sealed, marked.Node.Protection);
        Assert.Equal(["eu", "gpu"], marked.Node.Constraints);
        Assert.True(marked.Node.Apart);
        Assert.Null(marked.Where(f => f.Distance > 2).Node.Name);
    }

    [Fact]
    public void PartitionsAreByKeyInTurnOrToAll()
    {
        PartitionNode byKey = Assert.IsType<PartitionNode>(Flights.PartitionBy(f => new { f.Carrier, f.Distance }, 4).Node);
        Assert.Equal(["Carrier", "Distance"], byKey.Keys.Select(k => k.Name));
        Assert.Equal(4, byKey.Count);
        Assert.Equal(Dispatch.RoundRobin, ((PartitionNode)Flights.RoundRobin(2).Node).Dispatch);
        Assert.Equal(Dispatch.Broadcast, ((PartitionNode)Flights.Broadcast().Node).Dispatch);
        Assert.Throws<ArgumentOutOfRangeException>(() => Flights.RoundRobin(1025));
    }

    [Fact]
    public void ASinkGetsNoHiddenColumns()
    {
        SinkNode sink = Flights.WithEventTime(f => f.At).PartitionBy(f => Far(f)).ToCallback(_ => { });
        Assert.Equal(RowShape<Flight>.Instance.Schema, sink.Schema);
    }

    [Fact]
    public void MergedStreamsAreBroughtToOneSchema()
    {
        Stream<string> merged = Flights.Select(f => f.Carrier).Merge(Flights.Select(f => f.Tail!), Flights.Select(Shorten));
        Assert.Equal(3, Assert.IsType<MergeNode>(merged.Node).Inputs.Length);
        Assert.Equal("value: text?", merged.Node.Schema.ToString());
    }

    private static bool IsLate(Flight f) => f.ArrDelay > 0;

    private static int Far(Flight f) => f.Distance * 2;

    private static string Shorten(Flight f) => f.Carrier[..1];
}
