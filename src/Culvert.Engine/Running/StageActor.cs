using System.Collections.Concurrent;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>A partition that reads from other stages.</summary>
internal sealed class StageActor : PartitionActor
{
    /// <summary>Pieces of work before other partitions get their turn.</summary>
    private const int PiecesPerTurn = 32;

    private readonly ConcurrentQueue<Frame> _inbox = new();

    internal StageActor(
        LocalRun run, WorkerPool workers, Plan plan, StageId stage, PartitionId partition, IFrameSink frames, IStageServices services, PartitionState? state)
        : base(run, workers)
    {
        Step = new PartitionStep(plan, stage, partition, frames, services, state);
        Restored();
    }

    /// <summary>Takes a frame, from any thread.</summary>
    internal void Receive(Frame frame)
    {
        _inbox.Enqueue(frame);
        Schedule();
    }

    private protected override bool Work()
    {
        while (_inbox.TryDequeue(out Frame? frame))
        {
            Outcome<bool> taken = Step.Receive(frame);
            if (!taken.Succeeded)
            {
                throw new StageFailedException($"integrity error: {taken.Failure.Message}");
            }
        }

        for (int piece = 0; piece < PiecesPerTurn; piece++)
        {
            if (Step.IsFinished || !MayWorkOn(Step.CurrentRound))
            {
                return false;
            }

            switch (Step.Advance())
            {
                case MergeStep.Wait:
                    return false;
                case MergeStep.CompleteRound:
                    RoundCompleted();
                    break;
                case MergeStep.Finish:
                    Finished();
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    internal override void Dispose()
    {
        while (_inbox.TryDequeue(out Frame? frame))
        {
            frame.Batch?.Dispose();
        }

        base.Dispose();
    }
}
