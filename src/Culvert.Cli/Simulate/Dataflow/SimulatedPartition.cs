using Culvert.Simulation;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>A partition on a simulated worker: the engine's actor with its turns at random times and of random lengths.</summary>
internal sealed class SimulatedPartition
{
    private static readonly TimeSpan TurnDelayMax = TimeSpan.FromMilliseconds(1);

    /// <summary>Pieces of work in a turn at most.</summary>
    private const int PiecesMax = 6;

    private readonly DataflowRun _run;
    private readonly SimulatedNode _node;
    private readonly Queue<Frame> _inbox = new();
    private readonly Queue<Batch> _batches = new();
    private bool _scheduled;
    private bool _roundStarted;

    internal SimulatedPartition(DataflowRun run, SimulatedNode node, PartitionStep step)
    {
        (_run, _node, Step) = (run, node, step);
        Source = run.Plan.Stages[step.Producer.Stage.Value].Source;
    }

    internal PartitionStep Step { get; }

    internal SourceNode? Source { get; }

    internal string Worker => _node.Name;

    internal WorkerProcess Process => (WorkerProcess)_node.Process!;

    internal List<SimulatedPartition> Downstream { get; } = [];

    internal List<SimulatedPartition> Upstream { get; } = [];

    /// <summary>Rounds until the part in a snapshot is taken, where a flaw delays it.</summary>
    internal int? RoundsUntilSnapshot { get; set; }

    private Round Completed => Step.IsFinished ? Round.End : Step.CompletedRound;

    internal void Receive(Frame frame)
    {
        _inbox.Enqueue(frame);
        Schedule();
    }

    internal void Schedule()
    {
        if (!_scheduled)
        {
            _scheduled = true;
            _node.After(_run.Dice.Between(TimeSpan.Zero, TurnDelayMax), Turn);
        }
    }

    private void Turn()
    {
        _scheduled = false;
        if (_run.IntegrityError is not null)
        {
            return;
        }

        for (int frames = _run.Dice.Between(1, PiecesMax); frames > 0 && _inbox.TryDequeue(out Frame? frame); frames--)
        {
            Outcome<bool> taken = Step.Receive(_run.Flaw?.Receive(Step, frame) ?? frame);
            if (!taken.Succeeded)
            {
                _run.Stop(taken.Failure.Message);
                return;
            }

            if (!taken.Value)
            {
                _run.World.Saw("duplicate dropped");
            }
        }

        bool more = true;
        for (int piece = _run.Dice.Between(1, PiecesMax); piece > 0 && more; piece--)
        {
            more = !Step.IsFinished && _run.MayWorkOn(this, Step.CurrentRound) && (Source is null ? Advance() : Read(Source));
        }

        if (more || _inbox.Count > 0)
        {
            Schedule();
        }
    }

    private bool Advance()
    {
        switch (Step.Advance())
        {
            case MergeStep.Wait:
                return false;
            case MergeStep.CompleteRound:
                RoundCompleted();
                return true;
            case MergeStep.Finish:
                Finished();
                return false;
            default:
                return true;
        }
    }

    private bool Read(SourceNode source)
    {
        if (!_roundStarted)
        {
            _roundStarted = true;
            _run.Schedule.RoundStarts(Step.CurrentRound);
            long round = Step.CurrentRound.Value + _run.SourceRoundsSkipped;
            if (round >= _run.Input.Rounds(Step.Producer))
            {
                Step.End();
                Finished();
                return false;
            }

            foreach (Batch batch in _run.Input.Read(Step.Producer, (int)round, source.Schema))
            {
                _batches.Enqueue(batch);
            }
        }

        if (_batches.TryDequeue(out Batch? next))
        {
            Step.Push(next);
            return true;
        }

        _roundStarted = false;
        Step.CloseRound();
        RoundCompleted();
        return true;
    }

    private void RoundCompleted()
    {
        _node.Note($"{Step.Producer} completed {Step.CompletedRound}");
        _run.RoundCompleted(this);
        Wake();
    }

    private void Finished()
    {
        _node.Note($"{Step.Producer} finished");
        _run.PartitionFinished(this);
        Wake();
    }

    private void Wake()
    {
        foreach (SimulatedPartition producer in Upstream)
        {
            producer.Schedule();
        }
    }

    /// <summary>Whether this is so far behind that <paramref name="round"/> would leave too many rounds under way.</summary>
    internal bool IsBehind(Round round, int roundsAheadMax) => Completed != Round.End && Completed.Value < round.Value - roundsAheadMax;

    internal void Dispose() => Step.Dispose();
}
