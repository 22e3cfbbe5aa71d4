namespace Culvert.Storage;

/// <summary>
/// One core at work: its effects are done, and what comes of them is brought to it, one at a time. Calls of clouds end by
/// themselves, so that this does too.
/// </summary>
internal sealed class CoreRun<T>(ProtocolCore<T> core, CoreShell shell, IClock clock, TaskCreationOptions continuations)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, CancellationTokenSource> _underWay = [];
    private readonly TaskCompletionSource<T> _result = new(continuations);
    private bool _isDraining;
    private bool _isAbandoned;

    internal Task<T> Result => _result.Task;

    /// <summary>Ends when the core has a result and nothing is under way.</summary>
    internal Completion Finished { get; } = new(continuations);

    internal void Start()
    {
        lock (_lock)
        {
            core.Start();
        }

        Drain();
        Publish();
    }

    /// <summary>Nobody waits any more: calls are cancelled.</summary>
    internal void Abandon()
    {
        lock (_lock)
        {
            _isAbandoned = true;
            core.Board.CancelAll();
        }

        Drain();
        _result.TrySetCanceled();
        Finished.Complete();
    }

    /// <summary>Does what is pinned up, also what is pinned up meanwhile; one thread at a time, so that calls that end at once do not nest.</summary>
    private void Drain()
    {
        lock (_lock)
        {
            if (_isDraining)
            {
                return;
            }

            _isDraining = true;
        }

        while (true)
        {
            CoreEffect? effect;
            CancellationTokenSource? cancelled = null;
            lock (_lock)
            {
                effect = core.Board.Take();
                if (effect is null)
                {
                    _isDraining = false;
                    return;
                }

                if (effect is Cancellation)
                {
                    _underWay.Remove(effect.Id, out cancelled);
                }
                else
                {
                    _underWay[effect.Id] = new CancellationTokenSource();
                }
            }

            if (effect is Cancellation)
            {
                cancelled?.Cancel();
            }
            else
            {
                _ = DoAsync(effect);
            }
        }
    }

    private async Task DoAsync(CoreEffect effect)
    {
        CancellationToken cancellation;
        lock (_lock)
        {
            if (!_underWay.TryGetValue(effect.Id, out CancellationTokenSource? source))
            {
                return;
            }

            cancellation = source.Token;
        }

        CloudReply reply = CloudReply.Done;
        try
        {
            if (effect is Timer timer)
            {
                // Every read sets one that it then cancels: too often for an exception.
                await clock.Delay(timer.Delay, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellation.IsCancellationRequested)
                {
                    return;
                }
            }
            else
            {
                reply = await shell.CallAsync((CloudCall)effect, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            // A driver tells of failures by outcomes; what it throws is a mistake of Culvert's, and the caller's to see.
            _result.TrySetException(failure);
            Finished.Complete();
            return;
        }

        lock (_lock)
        {
            _underWay.Remove(effect.Id);
            if (!_isAbandoned)
            {
                core.Board.Bring(effect.Id, reply);
            }
        }

        Drain();
        Publish();
    }

    private void Publish()
    {
        T? result;
        bool isFinished;
        lock (_lock)
        {
            (result, isFinished) = (core.Result, core.IsFinished);
        }

        if (result is not null)
        {
            _result.TrySetResult(result);
        }

        if (isFinished)
        {
            Finished.Complete();
        }
    }
}
