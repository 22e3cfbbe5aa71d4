using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// A partition of a run with its place in the workers' queue. It is idle, queued, running, or running with more to do;
/// <see cref="Schedule"/> is called by whoever has given it something.
/// </summary>
internal abstract class PartitionActor(LocalRun run, WorkerPool workers)
{
    /// <summary>
    /// A partition may be this many rounds ahead of any that reads from it: enough that nobody waits for a single round,
    /// few enough that the frames in between stay in the cache. A receiver can always complete its round, since its
    /// producers may always send that round, so nobody waits in a circle.
    /// </summary>
    private const int RoundsAheadMax = 4;

    private const int Idle = 0;
    private const int Queued = 1;
    private const int Running = 2;
    private const int RunningAgain = 3;

    private int _state = Idle;
    private long _completed = -1; // the last complete round, for other threads
    private PartitionActor[] _downstream = [];
    private PartitionActor[] _upstream = [];

    internal PartitionStep Step { get; private protected init; } = null!;

    private protected LocalRun Run { get; } = run;

    internal void Connect(PartitionActor[] downstream, PartitionActor[] upstream) =>
        (_downstream, _upstream) = (downstream, upstream);

    /// <summary>Puts it into the queue unless it is there, or makes the worker that runs it look again.</summary>
    internal void Schedule()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            int next = state switch
            {
                Idle => Queued,
                Running => RunningAgain,
                _ => state,
            };
            if (next == state || Interlocked.CompareExchange(ref _state, next, state) == state)
            {
                if (state == Idle)
                {
                    workers.Enqueue(this);
                }

                return;
            }
        }
    }

    /// <summary>Does a piece of work; called by a worker that took it from the queue.</summary>
    internal void RunOnce()
    {
        Volatile.Write(ref _state, Running);
        bool more = false;
        if (!Run.IsStopped)
        {
            try
            {
                more = Work();
            }
            catch (Exception failure)
            {
                Run.Fail(this, failure);
            }
        }

        if (more || Interlocked.CompareExchange(ref _state, Idle, Running) != Running)
        {
            Volatile.Write(ref _state, Queued);
            workers.Enqueue(this);
        }
    }

    /// <summary>Does a piece of work and tells whether there is more at hand.</summary>
    private protected abstract bool Work();

    /// <summary>Whether the receivers have come far enough for work on the current round.</summary>
    private protected bool MayWorkOn(Round round)
    {
        foreach (PartitionActor actor in _downstream)
        {
            if (Volatile.Read(ref actor._completed) < round.Value - RoundsAheadMax)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Notes that a round is complete, takes part in a snapshot if it is the one, and lets producers go on.</summary>
    private protected void RoundCompleted()
    {
        Volatile.Write(ref _completed, Step.CompletedRound.Value);
        Run.RoundCompleted(this);
        Wake(_upstream);
    }

    /// <summary>Notes that the partition has finished.</summary>
    private protected void Finished()
    {
        Volatile.Write(ref _completed, long.MaxValue);
        Run.PartitionFinished(this);
        Wake(_upstream);
    }

    /// <summary>Starts where a snapshot left off.</summary>
    private protected void Restored()
    {
        _completed = Step.IsFinished ? long.MaxValue : Step.CompletedRound.Value;
    }

    /// <summary>What a partition's snapshot holds beside the step's own state.</summary>
    internal virtual ReadOnlyMemory<byte> SourcePosition => default;

    /// <summary>Names the place of a row that failed on its way through the stage, if it can.</summary>
    internal virtual void Dispose() => Step.Dispose();

    private static void Wake(PartitionActor[] actors)
    {
        foreach (PartitionActor actor in actors)
        {
            actor.Schedule();
        }
    }
}
