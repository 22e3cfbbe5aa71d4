namespace Culvert.Stages.Tests;

public class WatermarkTests
{
    [Fact]
    public void None_comes_before_every_time_and_the_end_behind_it()
    {
        Watermark time = new(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);
        Assert.True(Watermark.None < time);
        Assert.True(time < Watermark.Idle);
        Assert.True(Watermark.Idle < Watermark.End);
    }

    [Fact]
    public void An_idle_one_does_not_count_in_a_minimum()
    {
        Assert.Equal(new Watermark(5), Watermark.Min(Watermark.Idle, new Watermark(5)));
        Assert.Equal(new Watermark(5), Watermark.Min(new Watermark(5), new Watermark(6)));
        Assert.Equal(Watermark.None, Watermark.Min(Watermark.None, Watermark.Idle));
    }

    [Fact]
    public void People_see_the_time()
    {
        Assert.Equal("none", Watermark.None.ToString());
        Assert.Equal("idle", Watermark.Idle.ToString());
        Assert.Equal("end", Watermark.End.ToString());
        Assert.Equal("2026-01-01T00:00:00.0000000Z", new Watermark(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks).ToString());
    }
}
