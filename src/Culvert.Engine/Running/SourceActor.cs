using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A partition of a source: reads a round, pushes it through the stage, closes it.</summary>
internal sealed class SourceActor : PartitionActor
{
    /// <summary>
    /// An endless source without input closes an empty round after this time, so that whoever merges it with others goes on,
    /// and so that results are no older than a person notices.
    /// </summary>
    private static readonly TimeSpan QuietRoundTime = TimeSpan.FromMilliseconds(100);

    private readonly ISourcePartition _source;
    private readonly Action<Batch> _push;
    private readonly IClock _clock;
    private bool _roundStarted;
    private TimeSpan? _quietSince;
    private int _timerSet;

    internal SourceActor(
        LocalRun run,
        WorkerPool workers,
        Plan plan,
        StageId stage,
        PartitionId partition,
        IFrameSink frames,
        IStageServices services,
        ISource source,
        IClock clock,
        PartitionState? state,
        ReadOnlySpan<byte> position)
        : base(run, workers)
    {
        Step = new PartitionStep(plan, stage, partition, frames, services, state);
        _source = source.Open(partition, position);
        _source.Wake = Schedule;
        _clock = clock;
        _push = Push;
        Restored();
    }

    internal SourceCounts Counts => _source.Counts;

    internal override ReadOnlyMemory<byte> SourcePosition
    {
        get
        {
            ArrayBufferWriter<byte> writer = new();
            _source.WritePosition(writer);
            return writer.WrittenMemory;
        }
    }

    internal override void Dispose()
    {
        base.Dispose();
        _source.Dispose();
    }

    private protected override bool Work()
    {
        if (Step.IsFinished || !MayWorkOn(Step.CurrentRound))
        {
            return false;
        }

        if (!_roundStarted)
        {
            if (!Run.MayStartRound(Step.CurrentRound))
            {
                return false;
            }

            _roundStarted = true;
        }

        SourceStep step = _source.ReadRound(_push, Run.Cancelled);
        switch (step.Kind)
        {
            case SourceStepKind.Round:
                CloseRound();
                return true;
            case SourceStepKind.End:
                Step.End();
                Finished();
                return false;
            default:
                return WaitForInput(step.WaitFor);
        }
    }

    private void CloseRound()
    {
        _quietSince = null;
        _roundStarted = false;
        Step.CloseRound();
        RoundCompleted();
    }

    private bool WaitForInput(TimeSpan asked)
    {
        TimeSpan now = _clock.Elapsed;
        _quietSince ??= now;
        TimeSpan left = _quietSince.Value + QuietRoundTime - now;
        if (left <= TimeSpan.Zero)
        {
            CloseRound();
            return true;
        }

        TimeSpan wait = asked < left ? asked : left;
        if (Interlocked.Exchange(ref _timerSet, 1) == 0)
        {
            _ = WakeLater(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait);
        }

        return false;
    }

    private async Task WakeLater(TimeSpan wait)
    {
        try
        {
            await _clock.Delay(wait, Run.Cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run is over: there is nobody to wake.
        }

        Volatile.Write(ref _timerSet, 0);
        Schedule();
    }

    private void Push(Batch batch)
    {
        try
        {
            Step.Push(batch);
        }
        catch (RowFailedException failure) when (NotePlace(failure))
        {
            throw;
        }
    }

    /// <summary>While the source still knows the batch, the row gets its file and line. Always false: nothing is caught.</summary>
    private bool NotePlace(RowFailedException failure)
    {
        failure.Data["place"] ??= _source.Locate(failure.Row);
        return false;
    }
}
