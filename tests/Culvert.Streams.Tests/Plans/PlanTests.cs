using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests;

public sealed class PlanTests
{
    private static readonly Schema Wide = new(
        Enumerable.Range(0, 29).Select(i => new Field($"c{i}", new ColumnType(i % 2 == 0 ? ValueKind.Int32 : ValueKind.Float64, true))));

    [Fact]
    public void ASourceDeliversOnlyTheColumnsThatAreTouched()
    {
        Plan plan = Plan.Compile(Sums("c4", "c8", "c2"));
        Assert.Equal(["c2", "c4", "c8"], plan.Stages[0].Source!.Schema.Fields.Select(f => f.Name));
    }

    [Fact]
    public void WhatOnlyThePredicateReadsIsDroppedBehindIt()
    {
        Plan plan = Plan.Compile(Sums("c4", "c8", "c2"));
        PlanOperator where = plan.Stages[0].Operators.Single(o => o.Role == OperatorRole.Where);
        Assert.Equal(["c4", "c8"], where.Output.Fields.Select(f => f.Name));
    }

    [Fact]
    public void ACountAloneReadsNoColumnAtAll()
    {
        SourceNode source = new(new WideSource(), Wide);
        AggregateNode count = new(source, [], [new AggregateColumn("n", AggregateFunction.Count, null)]);
        Plan plan = Plan.Compile(new Job("count", new SinkNode(count, new NoSink())));
        Assert.Empty(plan.Stages[0].Source!.Schema.Fields);
    }

    [Fact]
    public void AnEdgeOfExactSumsIsUnorderedAndOneOfFloatingPointSumsIsOrdered()
    {
        Assert.False(Plan.Compile(Sums("c4", "c8", "c2")).Edges[0].Ordered);
        Assert.True(Plan.Compile(Sums("c4", "c9", "c2")).Edges[0].Ordered);
    }

    [Theory]
    [InlineData(ValueKind.Int64, false)]
    [InlineData(ValueKind.Text, false)]
    [InlineData(ValueKind.Float64, true)] // 0 and -0
    [InlineData(ValueKind.Decimal, true)] // 1.0 and 1.00
    [InlineData(ValueKind.DateTimeOffset, true)] // one moment in two zones
    public void AnEdgeOfLeastValuesIsOrderedWhereEqualOnesCanDiffer(ValueKind kind, bool ordered)
    {
        SourceNode source = new(new WideSource(), new Schema(new Field("value", new ColumnType(kind))));
        AggregateNode least = new(source, [], [new AggregateColumn("least", AggregateFunction.Min, Expr.Column(source.Schema, "value"))]);
        Assert.Equal(ordered, Plan.Compile(new Job("least", new SinkNode(least, new NoSink()))).Edges[0].Ordered);
    }

    [Fact]
    public void TheDigestIsTheSameForTheSameJobAndAnotherForAnother()
    {
        PlanDigest digest = Plan.Compile(Sums("c4", "c8", "c2")).Digest;
        Assert.Equal(digest, Plan.Compile(Sums("c4", "c8", "c2")).Digest);
        Assert.NotEqual(digest, Plan.Compile(Sums("c4", "c8", "c3")).Digest);
        Assert.NotEqual(digest, Plan.Compile(Sums("c4", "c6", "c2")).Digest);
        Assert.NotEqual(digest, Plan.Compile(new Job("other", Sums("c4", "c8", "c2").Sinks)).Digest);
    }

    [Fact]
    public void AJobWithoutASinkIsRefused() =>
        Assert.Contains("no sink", Assert.Throws<PlanException>(() => Plan.Compile(new Job("empty"))).Message, StringComparison.Ordinal);

    [Fact]
    public void AWindowWithoutEventTimeIsRefusedWithWhatToDo()
    {
        SourceNode source = new(new WideSource(), Wide);
        AggregateNode window = new(
            source, [], [new AggregateColumn("n", AggregateFunction.Count, null)], WindowSpec.Tumbling(TimeSpan.FromSeconds(1)));
        PlanException refused = Assert.Throws<PlanException>(() => Plan.Compile(new Job("w", new SinkNode(window, new NoSink()))));
        Assert.Contains("event time", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ANodeThatTwoReadIsPlannedOnce()
    {
        SourceNode source = new(new WideSource(), Wide);
        WhereNode where = new(source, Expr.Constant(true));
        SinkNode first = new(where, new NoSink());
        SinkNode second = new(where, new NoSink());
        Plan plan = Plan.Compile(new Job("two", first, second));
        Assert.Single(plan.Stages, s => s.Source is not null);
        Assert.Equal(2, plan.Stages.SelectMany(s => s.Operators).Count(o => o.Role == OperatorRole.Sink));
    }

    [Fact]
    public void AnotherProtectionBeginsAnotherStage()
    {
        SourceNode source = new(new WideSource(), Wide);
        Node sealedWhere = new WhereNode(source, Expr.Constant(true)).With(protection: Protection.Sealed);
        Plan plan = Plan.Compile(new Job("p", new SinkNode(sealedWhere, new NoSink())));
        Assert.Equal([Protection.Open, Protection.Sealed, Protection.Open], plan.Stages.Select(s => s.Protection));
    }

    [Fact]
    public void WhatIsComputedIsTheSameUnderEveryProtectionAndHoweverStagesAreCut()
    {
        Plan open = Protected(Protection.Open, null, []);
        foreach (Plan other in (Plan[])[Protected(Protection.Sealed, null, []), Protected(Protection.Open, Protection.Enclave, []), Protected(Protection.Sealed, Protection.Open, ["owner"])])
        {
            Assert.NotEqual(open.Digest, other.Digest);
            Assert.Equal(open.ComputationDigest, other.ComputationDigest);
            Assert.Equal(Numbers(open), Numbers(other));
        }

        Assert.NotEqual(open.Stages.Length, Protected(Protection.Open, Protection.Enclave, []).Stages.Length);
    }

    [Fact]
    public void AnotherComputationHasAnotherDigest()
    {
        PlanDigest digest = Plan.Compile(Sums("c4", "c8", "c2")).ComputationDigest;
        Assert.Equal(digest, Plan.Compile(Sums("c4", "c8", "c2")).ComputationDigest);
        Assert.NotEqual(digest, Plan.Compile(Sums("c4", "c8", "c6")).ComputationDigest);
        Job eight = Sums("c4", "c8", "c2");
        Assert.NotEqual(digest, Plan.Compile(new Job(eight.Name, eight.Sinks) { KeyPartitions = 7 }).ComputationDigest);
    }

    [Fact]
    public void StagesComeBehindThoseTheyReadFrom()
    {
        SourceNode left = new(new WideSource(), Wide);
        SourceNode right = new(new WideSource(), Wide);
        MergeNode merged = new(left, right);
        Plan plan = Plan.Compile(new Job("m", new SinkNode(merged, new NoSink())));
        Assert.All(plan.Edges, e => Assert.True(e.From.CompareTo(e.To) < 0));
        Assert.Equal(3 + 1, plan.Stages.Length);
    }

    /// <summary>Two branches behind one operator, one of which may be protected otherwise.</summary>
    private static Plan Protected(Protection job, Protection? branch, string[] constraints)
    {
        SourceNode source = new(new WideSource(), Wide);
        Node where = new WhereNode(source, Expr.Constant(true)).With(protection: branch, constraints: [.. constraints]);
        Node first = new SelectNode(where, [new NamedExpr("a", Expr.Column(Wide, "c4"))]);
        Node second = new SelectNode(where, [new NamedExpr("b", Expr.Column(Wide, "c8"))]).With(protection: branch);
        return Plan.Compile(new Job("p", new SinkNode(first, new NoSink()), new SinkNode(second, new NoSink())) { Protection = job });
    }

    private static IEnumerable<(OperatorRole Role, int Number, string Output)> Numbers(Plan plan) => plan.Stages
        .SelectMany(s => s.Operators.Select((o, i) => (o.Role, plan.NumberOf(s.Id, i), o.Output.ToString())))
        .OrderBy(o => o.Item2);

    private static Job Sums(string key, string value, string tested)
    {
        SourceNode source = new(new WideSource(), Wide);
        WhereNode where = new(source, Expr.Unary(UnaryOperator.Not, Expr.Call(Function.IsNull, Expr.Column(Wide, tested))));
        AggregateNode sum = new(
            where,
            [new NamedExpr("key", Expr.Column(Wide, key))],
            [new AggregateColumn("sum", AggregateFunction.Sum, Expr.Column(Wide, value))]);
        return new Job("sums", new SinkNode(sum, new NoSink()));
    }

    private sealed class WideSource : SourceSpec
    {
        public override int PartitionCount => 4;

        public override bool CanProject => true;

        public override string Canonical => "wide";

        public override string Description => "wide";
    }

    private sealed class NoSink : SinkSpec
    {
        public override string Canonical => "none";

        public override string Description => "none";
    }
}
