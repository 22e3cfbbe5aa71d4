namespace Culvert.Storage.Tests;

public class BlockReadTests
{
    private static readonly TimeSpan s_hedge = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void The_preferred_clouds_are_asked_and_no_more_than_are_needed()
    {
        (BlockRead core, CoreHand<BlockReading> hand) = Begin([2, 0, 3, 1]);
        Assert.Equal([2, 0], hand.Calls.Select(call => call.Slot));
        hand.Bring(0, "o", Right);
        hand.Bring(2, "o", Right);
        Assert.True(core.Result?.Succeeded);
        Assert.Equal([0, 2], core.Result?.Blocks.Select(block => block.Slot));
        Assert.Empty(hand.Calls);
        Assert.Empty(hand.Timers);
    }

    [Fact]
    public void One_that_fails_or_lies_is_replaced_by_the_next_at_once()
    {
        (BlockRead core, CoreHand<BlockReading> hand) = Begin([0, 1, 2, 3]);
        hand.Bring(0, "o", CoreHand<BlockReading>.Down);
        hand.Bring(1, "o", CloudReply.Of(new byte[] { 9 }));
        Assert.Equal([2, 3], hand.Calls.Select(call => call.Slot));
        hand.Bring(2, "o", Right);
        hand.Bring(3, "o", Right);
        Assert.True(core.Result?.Succeeded);
        CloudCharge charge = Assert.Single(core.Reports.Charges);
        Assert.Equal((1, ChargeKind.Altered, "o: wrong"), (charge.Slot, charge.Kind, charge.Message));
    }

    [Fact]
    public void When_nothing_comes_for_some_time_one_more_is_asked_and_the_slow_one_is_cancelled_in_the_end()
    {
        (BlockRead core, CoreHand<BlockReading> hand) = Begin([0, 1, 2, 3]);
        hand.Bring(0, "o", Right);
        Timer timer = Assert.Single(hand.Timers);
        Assert.Equal(s_hedge, timer.Delay);
        hand.Bring(timer, CloudReply.Done);
        Assert.Equal([1, 2], hand.Calls.Select(call => call.Slot));
        hand.Bring(2, "o", Right);
        Assert.Equal([0, 2], core.Result?.Blocks.Select(block => block.Slot));
        Assert.Empty(hand.Calls);
    }

    [Fact]
    public void With_fewer_than_are_needed_it_fails_when_all_have_answered()
    {
        (BlockRead core, CoreHand<BlockReading> hand) = Begin([0, 1, 2, 3]);
        hand.Bring(0, "o", Right);
        for (int slot = 1; slot < 4; slot++)
        {
            Assert.Null(core.Result);
            hand.Bring(slot, "o", CoreHand<BlockReading>.Absent);
        }

        Assert.False(core.Result?.Succeeded);
        Assert.Equal("1: it is not there; 2: it is not there; 3: it is not there", core.Reports.Text(slot => $"{slot}"));
    }

    private static CloudReply Right => CloudReply.Of(new byte[] { 1 });

    private static (BlockRead Core, CoreHand<BlockReading> Hand) Begin(int[] order)
    {
        BlockRead core = new(new Quorum(1), new BlockWish("o", 2, 1, false, (_, bytes) => bytes.Span[0] == 1 ? null : "wrong"), order, s_hedge);
        return (core, new CoreHand<BlockReading>(core).Start());
    }
}
