namespace Culvert.Engine.Tests;

public sealed class VirtualClockTests
{
    [Fact]
    public void ADelayEndsWhenTheClockHasComeThatFarAndNotBefore()
    {
        VirtualClock clock = new();
        Task later = clock.Delay(TimeSpan.FromHours(2), TestContext.Current.CancellationToken);
        Task sooner = clock.Delay(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(sooner.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(sooner.IsCompletedSuccessfully);
        Assert.False(later.IsCompleted);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.True(later.IsCompletedSuccessfully);
        Assert.Equal(TimeSpan.FromHours(2), clock.Elapsed);
    }

    [Fact]
    public async Task ACancelledDelayIsCancelled()
    {
        using CancellationTokenSource stop = new();
        Task delay = new VirtualClock().Delay(TimeSpan.FromHours(1), stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delay);
    }

    [Fact]
    public void ADelayOfNothingHasEnded() =>
        Assert.True(new VirtualClock().Delay(TimeSpan.Zero, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
}
