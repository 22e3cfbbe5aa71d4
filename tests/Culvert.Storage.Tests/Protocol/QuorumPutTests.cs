namespace Culvert.Storage.Tests;

public class QuorumPutTests
{
    private readonly List<(int Slot, bool Stored)> _ended = [];

    [Fact]
    public void It_is_done_when_all_but_f_clouds_have_it_and_the_last_put_is_not_cancelled()
    {
        QuorumPut core = Begin([]);
        PutCall[] puts = Take(core);
        Assert.Equal([0, 1, 2, 3], puts.Select(put => put.Slot));
        core.Board.Bring(puts[0].Id, CloudReply.Done);
        core.Board.Bring(puts[3].Id, CloudReply.Done);
        Assert.Null(core.Result);
        core.Board.Bring(puts[1].Id, CloudReply.Done);
        Assert.True(core.Result?.Succeeded);
        Assert.False(core.IsFinished);
        Assert.Null(core.Board.Take());
        core.Board.Bring(puts[2].Id, Refused);
        Assert.True(core.IsFinished);
        Assert.Equal([(0, true), (3, true), (1, true), (2, false)], _ended);
    }

    [Fact]
    public void It_fails_when_more_than_f_clouds_do()
    {
        QuorumPut core = Begin([]);
        PutCall[] puts = Take(core);
        core.Board.Bring(puts[0].Id, Refused);
        Assert.Null(core.Result);
        core.Board.Bring(puts[1].Id, Refused);
        Assert.False(core.Result?.Succeeded);
        Assert.Equal("0: no; 1: no", core.Reports.Text(slot => $"{slot}"));
    }

    [Fact]
    public void A_cloud_that_is_held_back_is_left_out_when_the_others_do()
    {
        QuorumPut core = Begin([2]);
        foreach (PutCall put in Take(core))
        {
            Assert.NotEqual(2, put.Slot);
            core.Board.Bring(put.Id, CloudReply.Done);
        }

        Assert.True(core.IsFinished);
        Assert.Contains((2, false), _ended);
        Assert.Equal("2: it is too far behind", core.Reports.Text(slot => $"{slot}"));
    }

    [Fact]
    public void A_cloud_that_is_held_back_is_needed_when_another_fails()
    {
        // Found by the simulation, seed 147: one cloud slow and held back, another down, and the put was given up.
        QuorumPut core = Begin([3]);
        PutCall[] puts = Take(core);
        core.Board.Bring(puts[0].Id, Refused);
        PutCall late = Assert.Single(Take(core));
        Assert.Equal(3, late.Slot);
        core.Board.Bring(puts[1].Id, CloudReply.Done);
        core.Board.Bring(puts[2].Id, CloudReply.Done);
        Assert.Null(core.Result);
        core.Board.Bring(late.Id, CloudReply.Done);
        Assert.True(core.Result?.Succeeded);
    }

    [Fact]
    public void At_most_f_clouds_are_held_back() => Assert.Equal(3, Take(Begin([0, 1, 2, 3])).Length);

    private static CloudReply Refused => CloudReply.Of(new CloudFailure(CloudFailureKind.Refused, "no"));

    private static PutCall[] Take(QuorumPut core)
    {
        List<PutCall> puts = [];
        while (core.Board.Take() is { } effect)
        {
            puts.Add(Assert.IsType<PutCall>(effect));
        }

        return [.. puts];
    }

    private QuorumPut Begin(int[] heldBack)
    {
        QuorumPut core = new(new Quorum(1), slot => [new CloudObject("o", new byte[] { (byte)slot })])
        {
            HeldBack = heldBack,
            SlotEnded = (slot, stored) => _ended.Add((slot, stored)),
        };
        core.Start();
        return core;
    }
}
