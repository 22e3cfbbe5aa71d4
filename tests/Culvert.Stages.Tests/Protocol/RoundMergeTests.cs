using Culvert.Sealing;

namespace Culvert.Stages.Tests;

public class RoundMergeTests
{
    [Fact]
    public void On_ordered_edges_frames_come_by_round_then_channel_then_sequence_whatever_order_they_arrive_in()
    {
        RoundMerge<string> merge = New(true, true);
        Data(merge, 1, 0, "b0");
        Data(merge, 1, 0, "b1");
        Close(merge, 1, 0);
        Data(merge, 1, 1, "b2");
        Assert.Equal(["wait"], Steps(merge));

        Data(merge, 0, 0, "a0");
        Assert.Equal(["a0", "wait"], Steps(merge));

        Close(merge, 0, 0);
        Assert.Equal(["b0", "b1", "complete r0", "wait"], Steps(merge));

        Close(merge, 0, 1);
        Assert.Equal(["b2", "wait"], Steps(merge));
    }

    [Fact]
    public void On_edges_without_order_frames_of_the_round_pass_at_once_and_later_ones_wait()
    {
        RoundMerge<string> merge = New(false, false);
        Data(merge, 1, 0, "b0");
        Close(merge, 1, 0);
        Data(merge, 1, 1, "b1");
        Assert.Equal(["b0", "wait"], Steps(merge));
        Assert.Equal(1, merge.Held);
        Assert.Equal(1, merge.HeldOf(1));
        Assert.Equal(0, merge.HeldOf(0));

        Close(merge, 0, 0);
        Assert.Equal(["complete r0", "b1", "wait"], Steps(merge));
        Assert.Equal(0, merge.Held);
    }

    [Fact]
    public void An_ordered_edge_does_not_wait_for_one_without_order()
    {
        RoundMerge<string> merge = New(false, true);
        Data(merge, 1, 0, "b0");
        Assert.Equal(["b0", "wait"], Steps(merge));
    }

    [Fact]
    public void A_channel_that_has_ended_holds_nobody_back()
    {
        RoundMerge<string> merge = New(true, true);
        End(merge, 0, 0);
        Close(merge, 1, 0);
        Data(merge, 1, 1, "b0");
        Close(merge, 1, 1);
        Assert.Equal(["complete r0", "b0", "complete r1", "wait"], Steps(merge));
        Assert.True(merge.HasEnded(0));
        Assert.False(merge.HasEnded(1));
    }

    [Fact]
    public void When_all_have_ended_it_finishes_once()
    {
        RoundMerge<string> merge = New(true, true);
        Data(merge, 0, 0, "a0");
        End(merge, 0, 0);
        End(merge, 1, 0);
        Assert.Equal(["a0", "finish", "wait"], Steps(merge));
        Assert.True(merge.Finished);
        Assert.Equal(Watermark.End, merge.Watermark);
    }

    [Fact]
    public void A_merge_that_starts_behind_a_round_goes_on_with_the_next()
    {
        RoundMerge<string> merge = new([true, true], new Round(4), [false, true]);
        Data(merge, 0, 5, "a0");
        Close(merge, 0, 5);
        Assert.Equal(["a0", "complete r5", "wait"], Steps(merge));
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void Any_interleaving_of_the_channels_gives_the_same_steps(ulong seed)
    {
        const int Channels = 3;
        Queue<Action<RoundMerge<string>>>[] sent = [.. Enumerable.Range(0, Channels).Select(c => new Queue<Action<RoundMerge<string>>>(Script(c)))];
        RoundMerge<string> merge = New(true, true, true);
        List<string> steps = [];
        ulong state = seed;
        while (sent.Any(q => q.Count > 0))
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            Queue<Action<RoundMerge<string>>> chosen = sent[(int)((state >> 33) % Channels)];
            if (chosen.TryDequeue(out Action<RoundMerge<string>>? add))
            {
                add(merge);
                steps.AddRange(Steps(merge).Where(s => s != "wait"));
            }
        }

        Assert.Equal(
            ["r0 of 0", "r0 of 1", "r0 of 2", "complete r0", "r1 of 0", "r1 of 1", "r1 of 2", "complete r1", "r2 of 1", "r2 of 2", "complete r2", "finish"],
            steps);
    }

    /// <summary>Channel 0 ends in round 2, the others in round 3.</summary>
    private static IEnumerable<Action<RoundMerge<string>>> Script(int channel)
    {
        int rounds = channel == 0 ? 2 : 3;
        for (int round = 0; round < rounds; round++)
        {
            int r = round;
            yield return merge => Data(merge, channel, r, $"r{r} of {channel}");
            yield return merge => Close(merge, channel, r);
        }

        yield return merge => End(merge, channel, rounds);
    }

    private static RoundMerge<string> New(params bool[] ordered) => new(ordered, Round.None, new bool[ordered.Length]);

    private static void Data(RoundMerge<string> merge, int channel, long round, string frame) =>
        merge.Add(channel, FrameKind.Data, new Round(round), default, frame);

    private static void Close(RoundMerge<string> merge, int channel, long round) =>
        merge.Add(channel, FrameKind.Close, new Round(round), Watermark.Idle, "close");

    private static void End(RoundMerge<string> merge, int channel, long round) =>
        merge.Add(channel, FrameKind.End, new Round(round), Watermark.End, "end");

    private static List<string> Steps(RoundMerge<string> merge)
    {
        List<string> steps = [];
        while (true)
        {
            Round round = merge.Current;
            MergeStep step = merge.Next(out string? frame);
            steps.Add(step switch
            {
                MergeStep.Process => frame!,
                MergeStep.CompleteRound => $"complete {round}",
                MergeStep.Finish => "finish",
                _ => "wait",
            });
            if (step == MergeStep.Wait)
            {
                return steps;
            }
        }
    }
}
