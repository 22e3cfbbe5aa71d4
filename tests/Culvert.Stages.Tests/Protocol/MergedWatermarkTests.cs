using Culvert.Sealing;

namespace Culvert.Stages.Tests;

public class MergedWatermarkTests
{
    private readonly RoundMerge<int> _merge = new([true, true], Round.None, [false, false]);

    [Fact]
    public void It_is_the_least_of_the_producers()
    {
        Assert.Equal(Watermark.None, _merge.Watermark);
        Assert.Equal(new Watermark(10), Close(0, new Watermark(10), new Watermark(30)));
        Assert.Equal(new Watermark(20), Close(1, new Watermark(20), new Watermark(30)));
    }

    [Fact]
    public void It_moves_at_the_ends_of_rounds_only()
    {
        _merge.Add(0, FrameKind.Close, new Round(0), new Watermark(10), 0);
        Assert.Equal(MergeStep.Wait, _merge.Next(out _));
        Assert.Equal(Watermark.None, _merge.Watermark);
    }

    [Fact]
    public void It_never_goes_back()
    {
        Close(0, new Watermark(10), new Watermark(30));
        Assert.Equal(new Watermark(10), Close(1, new Watermark(5), new Watermark(30)));
    }

    [Fact]
    public void A_producer_without_an_opinion_does_not_count()
    {
        Assert.Equal(new Watermark(30), Close(0, Watermark.Idle, new Watermark(30)));
        Assert.Equal(new Watermark(30), Close(1, Watermark.Idle, Watermark.Idle));
    }

    [Fact]
    public void A_producer_that_has_seen_no_time_holds_the_others_back() =>
        Assert.Equal(Watermark.None, Close(0, Watermark.None, new Watermark(30)));

    [Fact]
    public void A_producer_that_has_ended_does_not_count()
    {
        _merge.Add(0, FrameKind.End, new Round(0), Watermark.End, 0);
        _merge.Add(1, FrameKind.Close, new Round(0), new Watermark(30), 0);
        Assert.Equal(MergeStep.CompleteRound, _merge.Next(out _));
        Assert.Equal(new Watermark(30), _merge.Watermark);
    }

    [Fact]
    public void It_goes_on_from_a_snapshot_as_if_nothing_had_happened()
    {
        Close(0, new Watermark(10), new Watermark(30));
        RoundMerge<int> resumed = new([true, true], new Round(0), [false, false]);
        resumed.Restore(_merge.Watermark, [_merge.ChannelWatermark(0), _merge.ChannelWatermark(1)]);
        Assert.Equal(new Watermark(10), resumed.Watermark);
        Assert.Equal(new Watermark(30), resumed.ChannelWatermark(1));
    }

    private Watermark Close(long round, Watermark left, Watermark right)
    {
        _merge.Add(0, FrameKind.Close, new Round(round), left, 0);
        _merge.Add(1, FrameKind.Close, new Round(round), right, 0);
        Assert.Equal(MergeStep.CompleteRound, _merge.Next(out _));
        return _merge.Watermark;
    }
}
