using System.Reactive.Linq;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Scans, folds and aggregates against System.Reactive.</summary>
public sealed class StatefulOperatorTests
{
    [Fact]
    public Task ScanGivesTheStatesThatRxGives() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<long> expected = await source.InOrder.ToObservable().Scan(7L, (state, e) => unchecked((state * 31) + e.Number)).ToList();

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Scan(7L, (state, e) => unchecked((state * 31) + e.Number))));
    });

    [Fact]
    public Task ScanOfGroupsGivesEachKeyTheStatesThatRxGives() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<Keyed> expected = await source.InOrder.ToObservable().GroupBy(e => e.Text)
            .SelectMany(g => g.Scan(1L, (state, e) => unchecked((state * 31) + e.Number)).Select(s => new Keyed(g.Key, s))).ToList();

        List<Keyed> found = await Events.Run(random, Events.Stream(source).GroupBy(e => e.Text)
            .Scan(1L, (state, e) => unchecked((state * 31) + e.Number), (key, state) => new Keyed(key, state)));

        Assert.Equal(expected.ToLookup(k => k.Key, k => k.State).OrderBy(g => g.Key).Select(Show), found.ToLookup(k => k.Key, k => k.State).OrderBy(g => g.Key).Select(Show));
    });

    [Fact]
    public Task AFoldGivesTheLastStateThatRxGivesAlsoForNothing() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        long expected = await source.InOrder.ToObservable().Aggregate(7L, (state, e) => unchecked((state * 31) + e.Number));

        Assert.Equal([expected], await Events.Run(random, Events.Stream(source).Aggregate(7L, (state, e) => unchecked((state * 31) + e.Number))));
    });

    [Fact]
    public Task AFoldOverNothingGivesItsSeed() => Seeds.ForEach(3, async random =>
        Assert.Equal([7L], await Events.Run(random, Events.Stream(new ScriptedSource<Event>([[]])).Aggregate(7L, (state, e) => state + e.Number))));

    [Fact]
    public Task AFoldOfGroupsGivesEachKeyTheLastStateThatRxGives() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<Keyed> expected = await source.InOrder.ToObservable().GroupBy(e => e.Text)
            .SelectMany(g => g.Aggregate(1L, (state, e) => unchecked((state * 31) + e.Number)).Select(s => new Keyed(g.Key, s))).ToList();

        List<Keyed> found = await Events.Run(random, Events.Stream(source).GroupBy(e => e.Text)
            .Aggregate(1L, (state, e) => unchecked((state * 31) + e.Number), (key, state) => new Keyed(key, state)));

        Assert.Equal(expected.OrderBy(k => k.Key, StringComparer.Ordinal), found.OrderBy(k => k.Key, StringComparer.Ordinal));
    });

    [Fact]
    public Task AMergedFoldGivesTheLastStateThatRxGives() => Seeds.ForEach(15, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<Keyed> expected = await source.InOrder.ToObservable().GroupBy(e => e.Text)
            .SelectMany(g => g.Aggregate(0L, (state, e) => state + e.Big).Select(s => new Keyed(g.Key, s / 2))).ToList();

        List<Keyed> found = await Events.Run(random, Events.Stream(source).GroupBy(e => e.Text)
            .Aggregate(0L, (state, e) => state + e.Big, (earlier, later) => earlier + later, state => state / 2, (key, half) => new Keyed(key, half)));

        Assert.Equal(expected.OrderBy(k => k.Key, StringComparer.Ordinal), found.OrderBy(k => k.Key, StringComparer.Ordinal));
    });

    [Fact]
    public Task AggregatesOfGroupsAreThoseOfRx() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<Totals> expected = await source.InOrder.ToObservable().GroupBy(e => e.Key).SelectMany(g => g.ToList().SelectMany(l => RxTotals(g.Key, [.. l]))).ToList();
        Func<Event, int> opaqueKey = e => e.Key;

        Assert.Equal(expected.OrderBy(t => t.Key), (await Events.Run(random, Totalled(Events.Stream(source).GroupBy(e => e.Key)))).OrderBy(t => t.Key));
        Assert.Equal(expected.OrderBy(t => t.Key), (await Events.Run(random, Totalled(Events.Stream(source).GroupBy(opaqueKey)))).OrderBy(t => t.Key));
    });

    [Fact]
    public Task AggregatesOfAStreamAreThoseOfRx() => Seeds.ForEach(15, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random, mayBeEmpty: false);
        Totals expected = await RxTotals(0, [.. source.InOrder]);

        List<Totals> found = await Events.Run(random, Events.Stream(source).Aggregate(g => new Totals(
            0,
            g.Count(),
            g.Count(e => e.Number > 0),
            g.Sum(e => e.Number),
            g.Sum(e => e.Maybe),
            g.Sum(e => e.Big),
            g.Sum(e => e.Real),
            g.Sum(e => e.MaybeReal),
            g.Sum(e => e.Money),
            g.Average(e => e.Number),
            g.Average(e => e.Maybe),
            g.Average(e => e.Real),
            g.Average(e => e.MaybeReal),
            g.Average(e => e.Money),
            g.Min(e => e.Maybe),
            g.Max(e => e.MaybeReal),
            g.Min(e => e.Time),
            g.Max(e => e.Money))));

        Assert.Equal([expected], found);
    });

    [Fact]
    public Task TextsHaveALeastAndAGreatestByTheirBytes() => Seeds.ForEach(15, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        var expected = source.InOrder.GroupBy(e => e.Key).OrderBy(g => g.Key).Select(g => new
        {
            g.Key,
            Least = g.Select(e => e.Text).Min(StringComparer.Ordinal),
            Greatest = g.Select(e => e.MaybeText).Max(StringComparer.Ordinal),
        });

        var found = await Events.Run(random, Events.Stream(source).GroupBy(e => e.Key)
            .Aggregate(g => new { g.Key, Least = g.Min(e => e.Text), Greatest = g.Max(e => e.MaybeText) }));

        Assert.Equal(expected.Select(e => $"{e}"), found.OrderBy(e => e.Key).Select(e => $"{e}"));
    });

    private static Stream<Totals> Totalled(GroupedStream<int, Event> groups) => groups.Aggregate(g => new Totals(
        g.Key,
        g.Count(),
        g.Count(e => e.Number > 0),
        g.Sum(e => e.Number),
        g.Sum(e => e.Maybe),
        g.Sum(e => e.Big),
        g.Sum(e => e.Real),
        g.Sum(e => e.MaybeReal),
        g.Sum(e => e.Money),
        g.Average(e => e.Number),
        g.Average(e => e.Maybe),
        g.Average(e => e.Real),
        g.Average(e => e.MaybeReal),
        g.Average(e => e.Money),
        g.Min(e => e.Maybe),
        g.Max(e => e.MaybeReal),
        g.Min(e => e.Time),
        g.Max(e => e.Money)));

    private static async Task<Totals> RxTotals(int key, Event[] events)
    {
        IObservable<Event> all = events.ToObservable();
        return new Totals(
            key,
            await all.LongCount(),
            await all.LongCount(e => e.Number > 0),
            await all.Sum(e => e.Number),
            await all.Sum(e => e.Maybe) ?? 0,
            await all.Sum(e => e.Big),
            await all.Sum(e => e.Real),
            await all.Sum(e => e.MaybeReal) ?? 0,
            await all.Sum(e => e.Money),
            await all.Average(e => e.Number),
            await all.Average(e => e.Maybe),
            await all.Average(e => e.Real),
            await all.Average(e => e.MaybeReal),
            await all.Average(e => e.Money),
            await all.Min(e => e.Maybe),
            await all.Max(e => e.MaybeReal),
            await all.Min(e => e.Time),
            await all.Max(e => e.Money));
    }

    private static string Show(IGrouping<string, long> group) => $"{group.Key}: {string.Join(", ", group)}";

    internal sealed record Keyed(string Key, long State);

    internal sealed record Totals(
        int Key,
        long Count,
        long Positive,
        long Sum,
        long SumOfMaybe,
        long SumOfBig,
        double SumOfReal,
        double SumOfMaybeReal,
        decimal SumOfMoney,
        double Average,
        double? AverageOfMaybe,
        double AverageOfReal,
        double? AverageOfMaybeReal,
        decimal AverageOfMoney,
        int? Least,
        double? Greatest,
        DateTime First,
        decimal MostMoney);
}
