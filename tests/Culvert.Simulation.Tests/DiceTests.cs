namespace Culvert.Simulation.Tests;

public class DiceTests
{
    [Fact]
    public void They_are_the_published_generator() =>
        // SplitMix64 from seed 1234567, as its authors' reference implementation gives it.
        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], Enumerable.Repeat(new Dice(1234567), 3).Select(d => d.Next()));

    [Fact]
    public void Numbers_stay_within_their_bounds_and_reach_them()
    {
        Dice dice = new(5);
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 100).Select(_ => dice.Below(3)).Distinct().Order());
        Assert.Equal([-1, 0, 1], Enumerable.Range(0, 100).Select(_ => dice.Between(-1, 1)).Distinct().Order());
        Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(dice.Between(TimeSpan.FromTicks(3), TimeSpan.FromTicks(5)).Ticks, 3, 5));
        Assert.InRange(Enumerable.Range(0, 1000).Count(_ => dice.Chance(0.25)), 200, 300);
    }

    [Fact]
    public void A_shuffle_keeps_every_item()
    {
        List<int> items = [.. Enumerable.Range(0, 20)];
        new Dice(9).Shuffle(items);
        Assert.NotEqual(Enumerable.Range(0, 20), items);
        Assert.Equal(Enumerable.Range(0, 20), items.Order());
    }
}
