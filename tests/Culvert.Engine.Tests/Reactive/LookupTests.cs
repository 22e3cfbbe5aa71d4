using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Lookups in static tables against LINQ's joins.</summary>
public sealed class LookupTests
{
    [Fact]
    public Task ALookupIsLinqsJoin() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        (string Code, Row Row)[] rows = Rows(random);
        LookupTable<string, Row> table = Source.Table("words", rows.Select(r => KeyValuePair.Create(r.Code, r.Row)));
        IEnumerable<Joined> expected = source.InOrder.Join(rows, e => e.Text, r => r.Code, (e, r) => new Joined(e.Number + r.Row.Weight, r.Row.Name));

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Lookup(table, e => e.Text, (e, r) => new Joined(e.Number + r.Weight, r.Name))));
    });

    [Fact]
    public Task ALookupByAKeyThatMayBeMissingIsLinqsJoin() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        (string Code, Row Row)[] rows = Rows(random);
        LookupTable<string?, Row> table = Source.Table("words", rows.Select(r => KeyValuePair.Create<string?, Row>(r.Code, r.Row)));
        IEnumerable<Joined> expected = source.InOrder.Where(e => e.MaybeText is not null)
            .Join(rows, e => e.MaybeText, r => r.Code, (e, r) => new Joined(e.Number, r.Row.Name));

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Lookup(table, e => e.MaybeText, (e, r) => new Joined(e.Number, r.Name))));
    });

    [Fact]
    public Task ALeftLookupIsLinqsGroupJoin() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        (string Code, Row Row)[] rows = Rows(random);
        LookupTable<string, Row> table = Source.Table("words", rows.Select(r => KeyValuePair.Create(r.Code, r.Row)));
        IEnumerable<Left> expected = source.InOrder
            .GroupJoin(rows, e => e.Text, r => r.Code, (e, r) => new Left(e.Number, r.Select(x => x.Row.Name).SingleOrDefault() ?? "none"));

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source)
            .LeftLookup(table, e => e.Text, (e, r) => new Left(e.Number, r == null ? "none" : r.Name))));
    });

    private static (string Code, Row Row)[] Rows(Random random) =>
    [
        .. new[] { "", "a", "b", "ab", "Ä", "猫", "zz", "more" }.Where(_ => random.Next(2) == 0).Select(w => (w, new Row(w + "!", random.Next(100)))),
    ];

    internal sealed record Row(string Name, int Weight);

    internal sealed record Joined(int Sum, string Name);

    internal sealed record Left(int Number, string Name);
}
