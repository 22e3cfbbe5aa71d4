namespace Culvert.Storage;

/// <summary>Counts what goes on after callers were answered, so that a client can wait for it before it ends. Thread safe.</summary>
internal sealed class BackgroundWork(TaskCreationOptions continuations)
{
    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private int _underWay;

    /// <summary>How waiters of the store go on (<see cref="StoreOptions.GoesOnInline"/>).</summary>
    internal TaskCreationOptions Continuations => continuations;

    /// <summary>Takes over a task; what it throws is kept for <see cref="DrainAsync"/>.</summary>
    internal void Add(Task work)
    {
        lock (_lock)
        {
            _underWay++;
        }

        _ = Watch(work);
    }

    /// <summary>Ends when nothing is under way.</summary>
    internal Task DrainAsync()
    {
        lock (_lock)
        {
            if (_underWay == 0)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource done = new(continuations);
            _waiting.Add(done);
            return done.Task;
        }
    }

    private async Task Watch(Task work)
    {
        Exception? failure = null;
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            failure = thrown;
        }

        TaskCompletionSource[] woken = [];
        lock (_lock)
        {
            if (--_underWay == 0 || failure is not null)
            {
                woken = [.. _waiting];
                _waiting.Clear();
            }
        }

        foreach (TaskCompletionSource waiting in woken)
        {
            if (failure is null)
            {
                waiting.TrySetResult();
            }
            else
            {
                waiting.TrySetException(failure);
            }
        }
    }
}
