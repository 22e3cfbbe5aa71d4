using Culvert.Enclaves;
using Culvert.Engine.Tests.Reactive;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Golden;

/// <summary>A job over scripted sources that writes files into a folder: made anew for every run, as a restarted process would.</summary>
/// <param name="Sources">What is read.</param>
/// <param name="Define">The job, given the sources and the folder.</param>
internal sealed record Flow(ScriptedSource<Event>[] Sources, Func<ScriptedSource<Event>[], string, Job> Define)
{
    internal static readonly string[] Names =
        ["keyed sums", "float sums", "windows and late events", "scan", "fold", "merge", "lookup", "lua", "two sinks of one stream"];

    internal static Flow Named(string name, Random random)
    {
        ScriptedSource<Event> source = Events.LongSource(random);
        int slide = random.Next(2, 6);
        WindowSpec window = WindowSpec.Sliding(TimeSpan.FromSeconds(slide * 2), TimeSpan.FromSeconds(slide), TimeSpan.FromSeconds(random.Next(3)));
        return name switch
        {
            "keyed sums" => new([source], (s, folder) => Csv(folder, "out.csv", Events.Stream(s[0]).GroupBy(e => new { e.Key, e.Text })
                .Aggregate(g => new { key = g.Key.Key, text = g.Key.Text, count = g.Count(), sum = g.Sum(e => e.Big), average = g.Average(e => e.Maybe) }))),
            "float sums" => new([source], (s, folder) => Lines(folder, "out.jsonl", Events.Stream(s[0]).Where(e => e.Number != 0).GroupBy(e => e.Key)
                .Aggregate(g => new { g.Key, sum = g.Sum(e => e.Real / e.Number), greatest = g.Max(e => e.Real / e.Number) }))),
            "windows and late events" => new([source], (s, folder) =>
            {
                var windows = Events.Stream(s[0]).WithEventTime(e => e.Time, TimeSpan.FromSeconds(1)).GroupBy(e => e.Key).Window(window)
                    .Aggregate(g => new { g.Key, g.WindowStart, count = g.Count(), sum = g.Sum(e => e.Real) });
                return new Job("windows", windows.To(Csv(folder, "out.csv")), windows.LateEvents.To(Lines(folder, "late.jsonl")));
            }),
            "scan" => new([source], (s, folder) => Lines(folder, "out.jsonl", Events.Stream(s[0]).GroupBy(e => e.Text)
                .Scan(1L, (state, e) => unchecked((state * 31) + e.Number), (key, state) => new { key, state }))),
            "fold" => new([source], (s, folder) => Csv(folder, "out.csv", Events.Stream(s[0]).GroupBy(e => e.Key)
                .Aggregate("", (state, e) => state.Length > 40 ? e.Text : state + e.Text + e.Number, (key, state) => new { key, state }))),
            "merge" => new([source, Events.LongSource(random)], (s, folder) => Csv(folder, "out.csv", Events.Stream(s[0])
                .Merge(Events.Stream(s[1])).Select(e => new { e.Number, e.Text, e.MaybeReal }))),
            "lookup" => new([source], (s, folder) => Lines(folder, "out.jsonl", Events.Stream(s[0])
                .LeftLookup(Source.Table("words", Words), e => e.Text, (e, word) => new { e.Number, word }))),
            "lua" => new([source], (s, folder) => new Job("lua", new SinkNode(LuaFold(Events.Stream(s[0])), Csv(folder, "out.csv")))),
            "two sinks of one stream" => new([source], (s, folder) =>
            {
                Stream<Event> kept = Events.Stream(s[0]).Where(e => e.Number > -20);
                return new Job(
                    "two",
                    kept.Select(e => new { e.Number, e.Text }).To(Csv(folder, "out.csv")),
                    kept.GroupBy(e => e.Key).Aggregate(g => new { g.Key, count = g.Count() }).To(Lines(folder, "counts.jsonl")));
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such flow"),
        };
    }

    private static readonly Dictionary<string, string> Words = new() { ["a"] = "first", ["zz"] = "last", ["猫"] = "cat" };

    /// <summary>Random numbers in a script come from the event's identity: they are the same after a resume, and with other workers.</summary>
    private static FoldNode LuaFold(Stream<Event> events)
    {
        Node input = events.Select(e => new { e.Key, e.Number, e.Text }).Node;
        Schema output = new(new Field("text", new ColumnType(ValueKind.Text)), new Field("drawn", new ColumnType(ValueKind.Int64)));
        const string script = """
            initial = { text = "", drawn = 0 }
            function reduce(accumulator, event)
              accumulator.text = #accumulator.text > 40 and event.Text or accumulator.text .. event.Text .. event.Number
              accumulator.drawn = accumulator.drawn + math.random(1000)
              return accumulator
            end
            """;
        return new FoldNode(
            input, [new NamedExpr("key", Streams.Expressions.Expr.Column(input.Schema, "Key"))], new LuaFoldCode("golden.lua", script, input.Schema, output));
    }

    private static Job Csv<T>(string folder, string name, Stream<T> stream) => stream.To(Csv(folder, name)).AsJob("golden");

    private static Job Lines<T>(string folder, string name, Stream<T> stream) => stream.To(Lines(folder, name)).AsJob("golden");

    private static FileSinkSpec Csv(string folder, string name) => new(Path.Combine(folder, name), new CsvFormat());

    private static FileSinkSpec Lines(string folder, string name) => new(Path.Combine(folder, name), new JsonLinesFormat());
}
