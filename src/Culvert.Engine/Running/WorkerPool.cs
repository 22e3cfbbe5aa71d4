namespace Culvert.Engine;

/// <summary>
/// The workers of a run: threads that share its partitions. A partition with something to do stands in the queue once and
/// is run by one worker at a time, a bounded piece of work at a time; which worker it is makes no difference to anyone.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<PartitionActor> _ready = new();
    private readonly SemaphoreSlim _available = new(0); // not disposed: who enqueues late finds it whole
    private readonly Thread[] _threads;
    private volatile bool _stopping;

    internal WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        _threads = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"worker {i}" };
        }
    }

    internal void Start()
    {
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    internal void Enqueue(PartitionActor actor)
    {
        if (_stopping)
        {
            return; // the run is over; a timer or a sequence may still say that there is more
        }

        lock (_lock)
        {
            _ready.Enqueue(actor);
        }

        _available.Release();
    }

    /// <summary>Lets every worker finish the piece of work at hand, and waits for them.</summary>
    public void Dispose()
    {
        _stopping = true;
        _available.Release(_threads.Length);
        foreach (Thread thread in _threads)
        {
            if (thread.IsAlive)
            {
                thread.Join();
            }
        }
    }

    private void Work()
    {
        while (true)
        {
            _available.Wait();
            if (_stopping)
            {
                return;
            }

            PartitionActor actor;
            lock (_lock)
            {
                actor = _ready.Dequeue();
            }

            actor.RunOnce();
        }
    }
}
