using Culvert.Benchmarks.KeyRelease;

namespace Culvert.Benchmarks.Tests;

public class KeyReleaseTests
{
    [Fact]
    public async Task Keys_are_released_and_timed()
    {
        KeyReleaseFigures figures = await KeyReleaseProbe.MeasureAsync(3);

        Assert.Equal((3, 16), (figures.Releases, figures.AtOnce));
        Assert.InRange(figures.ReleaseMillisecondsMedian, double.Epsilon, figures.ReleaseMillisecondsP99);
        Assert.True(figures.ChallengeMillisecondsMedian > 0 && figures.AtOnceMilliseconds > 0 && figures.FlushMillisecondsMedian > 0);
    }
}
