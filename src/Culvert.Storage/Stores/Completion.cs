namespace Culvert.Storage;

/// <summary>
/// Something that will have happened, for any number of waiters. A task would do, but for one thing: of several waiters of one
/// task .NET lets only the first go on at once, and sends the others to other threads, where a simulated world cannot follow.
/// Thread safe.
/// </summary>
internal sealed class Completion(TaskCreationOptions continuations)
{
    private readonly Lock _lock = new();
    private List<TaskCompletionSource>? _waiting = [];

    internal bool IsComplete
    {
        get
        {
            lock (_lock)
            {
                return _waiting is null;
            }
        }
    }

    /// <summary>It has happened. Waiters go on, one after the other.</summary>
    internal void Complete()
    {
        List<TaskCompletionSource>? waiting;
        lock (_lock)
        {
            (waiting, _waiting) = (_waiting, null);
        }

        foreach (TaskCompletionSource waiter in waiting ?? [])
        {
            waiter.TrySetResult();
        }
    }

    /// <summary>Ends when it has happened: a task of one's own.</summary>
    internal Task WaitAsync()
    {
        lock (_lock)
        {
            if (_waiting is null)
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource waiter = new(continuations);
            _waiting.Add(waiter);
            return waiter.Task;
        }
    }
}
