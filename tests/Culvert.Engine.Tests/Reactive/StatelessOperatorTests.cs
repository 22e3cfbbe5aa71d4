using System.Reactive.Linq;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Operators without state against System.Reactive: the same events in the same order.</summary>
public sealed class StatelessOperatorTests
{
    [Fact]
    public Task WhereKeepsWhatRxKeeps() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        int limit = random.Next(-50, 50);
        IList<Event> expected = await source.InOrder.ToObservable().Where(e => e.Maybe > limit / 10 || e.Real < limit).ToList();
        Func<Event, bool> opaque = e => e.Maybe > limit / 10 || e.Real < limit;

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Where(e => e.Maybe > limit / 10 || e.Real < limit)));
        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Where(opaque)));
    });

    [Fact]
    public Task SelectMakesWhatRxMakes() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<Made> expected = await source.InOrder.ToObservable()
            .Select(e => new Made(e.Number * 3, e.Maybe + e.Number, e.Real / 2, e.Text + e.MaybeText, e.Time.AddHours(1))).ToList();
        Func<Event, Made> opaque = e => new Made(e.Number * 3, e.Maybe + e.Number, e.Real / 2, e.Text + e.MaybeText, e.Time.AddHours(1));

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source)
            .Select(e => new Made(e.Number * 3, e.Maybe + e.Number, e.Real / 2, e.Text + e.MaybeText, e.Time.AddHours(1)))));
        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).Select(opaque)));
    });

    [Fact]
    public Task SelectManyMakesWhatRxMakes() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        IList<int> expected = await source.InOrder.ToObservable().SelectMany(e => Enumerable.Range(e.Key, e.Key)).ToList();

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source).SelectMany(e => Enumerable.Range(e.Key, e.Key))));
    });

    [Fact]
    public Task StepsInARowMakeWhatRxMakes() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        Func<int, bool> isOdd = n => n % 2 != 0;
        IList<int> expected = await source.InOrder.ToObservable()
            .Where(e => e.Maybe != null).Select(e => e.Maybe!.Value + e.Key).Where(isOdd).Select(n => n * n).ToList();

        Assert.Equal(expected, await Events.Run(random, Events.Stream(source)
            .Where(e => e.Maybe != null).Select(e => e.Maybe!.Value + e.Key).Where(isOdd).Select(n => n * n)));
    });

    [Fact]
    public Task MergeLosesAndRepeatsNothingAndKeepsEachInputsOrder() => Seeds.ForEach(25, async random =>
    {
        ScriptedSource<Event> first = Events.Source(random);
        ScriptedSource<Event> second = Events.Source(random);
        IList<Event> expected = await first.InOrder.ToObservable().Merge(second.InOrder.ToObservable()).ToList();

        List<Event> merged = await Events.Run(random, Events.Stream(first).Merge(Events.Stream(second)));

        Assert.Equal(Sorted(expected), Sorted(merged));
        if (first.PartitionCount == 1 && second.PartitionCount == 1)
        {
            Assert.Equal(RoundByRound(first, second), merged);
        }
    });

    [Fact]
    public Task ChangingPartitionsLosesAndRepeatsNothing() => Seeds.ForEach(15, async random =>
    {
        ScriptedSource<Event> source = Events.Source(random);
        string[] expected = Sorted(source.InOrder);

        Assert.Equal(expected, Sorted(await Events.Run(random, Events.Stream(source).PartitionBy(e => e.Key, random.Next(1, 6)))));
        Assert.Equal(expected, Sorted(await Events.Run(random, Events.Stream(source).RoundRobin(random.Next(1, 6)))));
        int copies = random.Next(1, 4);
        Assert.Equal(
            Sorted(source.InOrder.SelectMany(e => Enumerable.Repeat(e, copies))),
            Sorted(await Events.Run(random, Events.Stream(source).Broadcast(copies))));
    });

    private static string[] Sorted(IEnumerable<Event> events) => [.. events.Select(e => e.ToString()).Order(StringComparer.Ordinal)];

    private static List<Event> RoundByRound(ScriptedSource<Event> first, ScriptedSource<Event> second)
    {
        List<Event> events = [];
        for (int round = 0; round < Math.Max(first.Rounds[0].Length, second.Rounds[0].Length); round++)
        {
            events.AddRange(first.Rounds[0].ElementAtOrDefault(round) ?? []);
            events.AddRange(second.Rounds[0].ElementAtOrDefault(round) ?? []);
        }

        return events;
    }

    internal sealed record Made(int Tripled, int? Sum, double Half, string Text, DateTime Later);
}
