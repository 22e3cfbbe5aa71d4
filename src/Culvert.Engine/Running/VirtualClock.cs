namespace Culvert.Engine;

/// <summary>
/// A clock that stands still until a test moves it: <c>new RunOptions { Clock = clock }</c>. It decides when waiting sources
/// close an empty round and when snapshots are due; event times come from events, so most tests need none. Thread safe.
/// </summary>
public sealed class VirtualClock(DateTimeOffset start) : IClock
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, TimeSpan> _waiting = new();
    private TimeSpan _elapsed;

    /// <summary>A clock that starts at 2000-01-01, midnight UTC.</summary>
    public VirtualClock()
        : this(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <inheritdoc/>
    public DateTimeOffset UtcNow => start + Elapsed;

    /// <inheritdoc/>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>Moves time on by zero or more, and wakes who has waited long enough, in the order of their times.</summary>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        List<TaskCompletionSource> due = [];
        lock (_lock)
        {
            _elapsed += time;
            while (_waiting.TryPeek(out TaskCompletionSource? next, out TimeSpan at) && at <= _elapsed)
            {
                due.Add(next);
                _waiting.Dequeue();
            }
        }

        foreach (TaskCompletionSource waiting in due)
        {
            waiting.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public Task Delay(TimeSpan delay, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (delay <= TimeSpan.Zero)
            {
                return Task.CompletedTask;
            }

            _waiting.Enqueue(done, _elapsed + delay);
        }

        CancellationTokenRegistration registration = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        _ = done.Task.ContinueWith(_ => registration.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return done.Task;
    }
}
