namespace Culvert.Attestation.Tests.Release;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class StillClock(DateTimeOffset now) : IClock
{
    private long _ticks = now.UtcTicks;
    private long _elapsed;

    public DateTimeOffset UtcNow => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    public TimeSpan Elapsed => new(Volatile.Read(ref _elapsed));

    internal void Advance(TimeSpan by)
    {
        Interlocked.Add(ref _ticks, by.Ticks);
        Interlocked.Add(ref _elapsed, Math.Max(0, by.Ticks));
    }

    public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
}
