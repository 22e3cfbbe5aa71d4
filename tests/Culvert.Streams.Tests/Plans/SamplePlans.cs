using Culvert.Streams.Expressions;

namespace Culvert.Streams.Tests.Plans;

/// <summary>A plan for each thing that an operator can be, and some with several.</summary>
internal static class SamplePlans
{
    private static readonly Schema Narrow = new(
        new Field("key", new ColumnType(ValueKind.Text)), new Field("n", new ColumnType(ValueKind.Int32, true)), new Field("x", new ColumnType(ValueKind.Float64)));

    internal static readonly string[] Names =
    [
        "filter", "select", "delegate", "exact sums", "float sums", "no keys", "computed keys", "windows", "late events", "scan", "fold",
        "fold by computed key", "merge", "partitions", "lookup", "left lookup", "two sinks", "every kind", "at the owner", "sealed ends",
    ];

    internal static Plan Of(string name) => Plan.Compile(Job(name));

    internal static Job Job(string name) => name switch
    {
        "filter" => Events().Where(e => e.Number > 3 && e.Text != "a").To(new End("end")).AsJob("filter"),
        "select" => Events().Select(e => new { e.Text, twice = e.Number * 2, e.Real }).To(new End("end")).AsJob("select"),
        "delegate" => Delegates(),
        "exact sums" => Events().GroupBy(e => new { e.Key, e.Text })
            .Aggregate(g => new { g.Key.Key, g.Key.Text, count = g.Count(), sum = g.Sum(e => e.Big), least = g.Min(e => e.Text) }).To(new End("end")).AsJob("sums"),
        "float sums" => Events().GroupBy(e => e.Key).Aggregate(g => new { g.Key, average = g.Average(e => e.Real), greatest = g.Max(e => e.Maybe) }).To(new End("end")).AsJob("floats"),
        "no keys" => Events().Aggregate(g => new { count = g.Count(), sum = g.Sum(e => e.Money) }).To(new End("end")).AsJob("all"),
        "computed keys" => Events().GroupBy(e => e.Number % 7).Aggregate(g => new { g.Key, n = g.Count() }).To(new End("end")).AsJob("computed"),
        "windows" => Windows().To(new End("end")).AsJob("windows"),
        "late events" => LateEvents(),
        "scan" => Events().GroupBy(e => e.Text).Scan(1L, (state, e) => state + e.Number, (key, state) => new { key, state }).To(new End("end")).AsJob("scan"),
        "scan with columns" => new Job("scan", new SinkNode(
            Plan.Compile(Job("scan")).Stages.SelectMany(s => s.Operators).Select(o => o.Node).OfType<FoldNode>().Single(), new End("end"))),
        "fold" => Events().GroupBy(e => e.Key).Aggregate("", (state, e) => state + e.Text, (key, state) => new { key, state }).To(new End("end")).AsJob("fold"),
        "fold by computed key" => Events().GroupBy(e => e.Number / 10).Aggregate(0L, (state, e) => state + e.Big, (key, state) => new { key, state }).To(new End("end")).AsJob("fold"),
        "merge" => Events().Merge(Events(3)).Select(e => new { e.Number, e.Text }).To(new End("end")).AsJob("merge"),
        "partitions" => new Job(
            "partitions",
            Events().PartitionBy(e => e.Number + 1, 5).To(new End("by key")),
            Events().RoundRobin(3).To(new End("round robin")),
            Events().Broadcast(2).To(new End("broadcast")))
        { KeyPartitions = 6 },
        "lookup" => Events().Lookup(Words, e => e.Text, (e, word) => new { e.Number, word }).To(new End("end")).AsJob("lookup"),
        "left lookup" => Events().LeftLookup(Words, e => e.Text, (e, word) => new { e.Number, word }).To(new End("end")).AsJob("lookup"),
        "two sinks" => TwoSinks(),
        "every kind" => EveryKind(),
        "at the owner" => JobProtection.Apply(TwoSinks(), Protection.Enclave),
        "sealed ends" => JobProtection.Apply(
            new Job("sealed", Events(2, isSealed: true).Where(e => e.Number > 0).WithProtection(Protection.Sealed).Require("gpu").Require("fast").To(new End("end", true))), Protection.Enclave),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such plan"),
    };

    internal static Node Source(int partitions = 4, bool isSealed = false) => new SourceNode(new Begin(partitions, isSealed), Narrow);

    private static LookupTable<string, string> Words =>
        Streams.Source.Table("words", new Dictionary<string, string> { ["a"] = "first", ["zz"] = "last", ["猫"] = "cat" });

    private static Stream<Event> Events(int partitions = 4, bool isSealed = false) => Streams.Source.From<Event>(new Begin(partitions, isSealed));

    private static WindowStream<Counted, Event> Windows() => Events().WithEventTime(e => e.Time, TimeSpan.FromSeconds(2)).GroupBy(e => e.Key)
        .Window(WindowSpec.Sliding(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)))
        .Aggregate(g => new Counted(g.Key, g.WindowStart, g.Count()));

    private static Job Delegates()
    {
        int limit = 5;
        Func<Event, bool> opaque = e => e.Number > limit;
        return Events().Where(opaque).SelectMany(e => Enumerable.Range(0, e.Key)).Select(n => n + 1).To(new End("end")).AsJob("delegates");
    }

    private static Job LateEvents()
    {
        WindowStream<Counted, Event> windows = Windows();
        return new Job("late", windows.To(new End("on time")), windows.LateEvents.To(new End("late")));
    }

    private static Job TwoSinks()
    {
        Stream<Event> all = Events();
        return new Job(
            "two",
            all.Where(e => e.Number > 2).Select(e => new { e.Number, e.Text }).To(new End("rows")),
            all.GroupBy(e => e.Key).Aggregate(g => new { g.Key, count = g.Count() }).To(new End("counts")));
    }

    private static Job EveryKind()
    {
        Schema schema = new(Enum.GetValues<ValueKind>().Where(k => k != ValueKind.State)
            .SelectMany(k => new[] { new Field($"{k}", new ColumnType(k)), new Field($"{k}?", new ColumnType(k, true)) }));
        SourceNode source = new(new Begin(1, false), schema);
        object?[] row =
        [
            true, null, (sbyte)-1, null, (byte)2, null, (short)-3, null, (ushort)4, null, -5, null, 6u, null, -7L, null, 8ul, null, 1.5f, null, -0.0, null,
            1.50m, null, "ä", null, new byte[] { 0, 255 }, null, new DateTime(2008, 1, 1, 0, 0, 0, DateTimeKind.Utc), null,
            new DateTimeOffset(2008, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(-90)), null, TimeSpan.FromTicks(-1), null,
        ];
        LookupTable table = new("kinds", new ColumnType(ValueKind.Decimal), new Schema(schema.Fields.Select(f => f with { Name = "t." + f.Name })), [new(1.0m, row), new(2m, row)]);
        LookupNode lookup = new(source, Expr.Column(schema, "Decimal?"), table, keepUnmatched: true);
        AggregateNode least = new(
            lookup,
            [.. schema.Fields.Take(3).Select(f => new NamedExpr(f.Name, Expr.Column(schema, f.Name)))],
            [.. schema.Fields.Select(f => new AggregateColumn("least " + f.Name, AggregateFunction.Min, Expr.Column(schema, f.Name)))]);
        return new Job("kinds", new SinkNode(least, new End("end")), new SinkNode(lookup, new End("joined")));
    }

    internal sealed record Event(int Key, int Number, int? Maybe, long Big, double Real, decimal Money, string Text, DateTime Time);

    internal sealed record Counted(int Key, DateTime Start, long Count);

    internal sealed class Begin(int partitions, bool isSealed) : SourceSpec
    {
        public override int PartitionCount => partitions;

        public override bool CanProject => true;

        public override bool IsSealed => isSealed;

        public override string Canonical => "events";

        public override string Description => "events";
    }

    internal sealed class End(string path, bool isSealed = false) : SinkSpec
    {
        internal string Path => path;

        public override bool IsSealed => isSealed;

        public override string Canonical => "file";

        public override string Description => path;
    }
}
