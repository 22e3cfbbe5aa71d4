namespace Culvert.Storage.Tests;

/// <summary>A clock that goes when it is told to. Short delays pass at once, and move it; longer ones wait for <see cref="Advance"/>.</summary>
internal sealed class TestClock : IClock
{
    private readonly Lock _lock = new();
    private readonly List<(TimeSpan At, TaskCompletionSource Done)> _waiting = [];
    private TimeSpan _now;

    public DateTimeOffset UtcNow => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + Elapsed + Skew;

    /// <summary>Delays that pass at once.</summary>
    internal TimeSpan Short { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>By how much wall time is ahead.</summary>
    internal TimeSpan Skew { get; set; }

    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _now;
            }
        }
    }

    public Task Delay(TimeSpan delay, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        TaskCompletionSource done = new();
        lock (_lock)
        {
            if (delay <= Short)
            {
                _now += delay;
                return Task.CompletedTask;
            }

            _waiting.Add((_now + delay, done));
        }

        cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        return done.Task;
    }

    internal void Advance(TimeSpan by)
    {
        TaskCompletionSource[] due;
        lock (_lock)
        {
            _now += by;
            due = [.. _waiting.Where(w => w.At <= _now).OrderBy(w => w.At).Select(w => w.Done)];
            _waiting.RemoveAll(w => w.At <= _now);
        }

        foreach (TaskCompletionSource done in due)
        {
            done.TrySetResult();
        }
    }
}
