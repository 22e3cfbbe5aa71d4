using Culvert.Cli.Progress;
using Culvert.Engine;
using Culvert.Stages;

namespace Culvert.Cli.Tests.Progress;

public class ProgressTextTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_source_of_known_length_shows_share_speed_and_time_left()
    {
        ProgressText text = new();
        StageProgress stage = Stage("parse", 2_000_000, 100_000_000, 400_000_000, Watermark.None);

        string line = Assert.Single(text.Lines([stage], TimeSpan.FromSeconds(2), s_now, 120));

        Assert.Equal("parse            █████░░░░░░░░░░░░░░░  25%  1.00M rows/s    50 MB/s  0:06 left", line);
    }

    [Fact]
    public void An_endless_stage_shows_watermark_and_lag()
    {
        ProgressText text = new();
        Watermark watermark = new(s_now.AddSeconds(-2.5).UtcTicks);

        string line = Assert.Single(text.Lines([Stage("averages", 1500, 0, null, watermark)], TimeSpan.FromSeconds(1), s_now, 120));

        Assert.Equal("averages            1.50k rows              1.50k rows/s  watermark 03:04:02, 2.5 s behind", line);
    }

    [Fact]
    public void A_stage_that_has_finished_says_so_and_lines_fit_the_terminal()
    {
        ProgressText text = new();
        StageProgress stage = Stage("a-stage-with-a-long-name", 10, 5, 5, Watermark.End) with { Finished = true };

        string line = Assert.Single(text.Lines([stage], TimeSpan.FromSeconds(1), s_now, 120));
        string narrow = Assert.Single(text.Lines([stage], TimeSpan.FromSeconds(2), s_now, 40));

        Assert.Equal("a-stage-with-a-… ████████████████████ 100%      0 rows/s  done", line);
        Assert.Equal(39, narrow.Length);
    }

    [Fact]
    public void Speeds_follow_what_happens_without_jumping()
    {
        ProgressText text = new();
        text.Lines([Stage("s", 1000, 0, null, Watermark.None)], TimeSpan.FromSeconds(1), s_now, 120);

        string line = Assert.Single(text.Lines([Stage("s", 1000, 0, null, Watermark.None)], TimeSpan.FromSeconds(2), s_now, 120));

        Assert.Contains("   700 rows/s", line, StringComparison.Ordinal);
    }

    private static StageProgress Stage(string name, long rows, long bytes, long? total, Watermark watermark) =>
        new(name, rows, bytes, total, Round.None, watermark, 0, 0, false);
}
