using Culvert.Simulation;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// One life of a run, from its start or resumption to its crash or end: partitions on workers, the router between them,
/// and snapshots. What all workers of a run ask (when a snapshot is due, how far others are) they ask at once, as those
/// of the one-machine engine do; frames and stored bytes take their time.
/// </summary>
internal sealed class DataflowRun : IFrameSink
{
    private const int RepeatableFrames = 8;

    private readonly Dictionary<Producer, SimulatedPartition> _partitions = [];
    private readonly Dictionary<RouterChannel, List<Frame>> _repeatable = [];
    private readonly DataflowPlace _place;
    private readonly IReadOnlyList<SimulatedNode> _workers;
    private readonly DataflowSnapshots _snapshots;
    private readonly int _roundsAheadMax;
    private readonly double _repeatChance;

    internal DataflowRun(DataflowPlace place, IReadOnlyList<SimulatedNode> workers)
    {
        _place = place;
        _workers = workers;
        Plan = place.Flaw?.Alter(place.Plan) ?? place.Plan;
        Dice = World.Dice.Fork();
        _roundsAheadMax = Dice.Between(1, 4);
        _repeatChance = Dice.Chance(0.5) ? 0.1 : 0;
        _snapshots = new DataflowSnapshots(this, workers[0], place.Sinks);
        workers[0].Spawn(BeginAsync);
    }

    internal World World => _place.World;

    internal Plan Plan { get; }

    internal DataflowInput Input => _place.Input;

    internal DataflowFlaw? Flaw => _place.Flaw;

    internal Dice Dice { get; }

    internal SnapshotSchedule Schedule { get; private set; } = new([], Round.None, []);

    /// <summary>Why the run was stopped, or null.</summary>
    internal string? IntegrityError { get; private set; }

    /// <summary>Whether all is worked off, and a snapshot says so.</summary>
    internal bool IsDone { get; private set; }

    internal int SourceRoundsSkipped { get; private set; }

    internal IEnumerable<SimulatedPartition> Partitions => _partitions.Values;

    public void Send(Frame frame)
    {
        SimulatedPartition from = _partitions[frame.From];
        SimulatedPartition to = Receiver(frame);
        if (from.Worker == to.Worker)
        {
            Arrived(frame);
        }
        else
        {
            from.Process.Send(to.Worker, frame);
        }
    }

    /// <summary>
    /// A frame has come to the end of its channel. The router keeps its own reference to the batch, and gives the receiver
    /// one for each time that it brings the frame.
    /// </summary>
    internal void Arrived(Frame frame)
    {
        if (_place.Attack is { } attack)
        {
            foreach ((Frame brought, PartitionId to) in attack.Pass(frame, Plan))
            {
                Bring(brought, to);
            }

            return;
        }

        Bring(frame, frame.To);
        if (_repeatChance > 0)
        {
            Repeat(frame);
        }
    }

    internal void Stop(string integrityError)
    {
        World.Note("run", $"integrity error: {integrityError}");
        IntegrityError ??= integrityError;
    }

    internal bool MayWorkOn(SimulatedPartition partition, Round round) =>
        !partition.Downstream.Any(receiver => receiver.IsBehind(round, _roundsAheadMax));

    internal void RoundCompleted(SimulatedPartition partition)
    {
        if (partition.RoundsUntilSnapshot is { } left)
        {
            TakeOrWait(partition, left - 1);
        }
        else if (Schedule.RoundCompleted(partition.Step.Producer, partition.Step.CompletedRound))
        {
            TakeOrWait(partition, Flaw?.SnapshotRoundsLate(partition.Step.Producer) ?? 0);
        }
    }

    internal void PartitionFinished(SimulatedPartition partition)
    {
        bool takesPart = Schedule.Finished(partition.Step.Producer);
        if (takesPart || partition.RoundsUntilSnapshot is not null)
        {
            TakeOrWait(partition, 0);
        }

        if (Schedule.AllFinished)
        {
            _snapshots.Request();
        }
    }

    internal void Complete() => IsDone = true;

    internal void WakeAll()
    {
        foreach (SimulatedPartition partition in _partitions.Values)
        {
            partition.Schedule();
        }
    }

    /// <summary>All processes of the run are gone: gives back memory.</summary>
    internal void Dispose()
    {
        _snapshots.Dispose();
        foreach (SimulatedPartition partition in _partitions.Values)
        {
            partition.Dispose();
        }
    }

    private async Task BeginAsync()
    {
        RunSnapshot? resumed = await _snapshots.OpenAsync().ConfigureAwait(false);
        Dictionary<Producer, RestoredPartition> parts = resumed?.Partitions.ToDictionary(p => p.Producer) ?? [];
        SourceRoundsSkipped = resumed is null ? 0 : Flaw?.SourceRoundsSkipped ?? 0;
        foreach (Stage stage in Plan.Stages)
        {
            for (int p = 0; p < stage.PartitionCount; p++)
            {
                PartitionState? state = parts.TryGetValue(new Producer(stage.Id, new PartitionId(p)), out RestoredPartition? part)
                    ? new PartitionState(part.Meta, part.Tables.ToDictionary(t => t.Name, t => t.Table))
                    : null;
                PartitionStep step = new(Plan, stage.Id, new PartitionId(p), this, _place.Sinks, state);
                _partitions.Add(step.Producer, new SimulatedPartition(this, Dice.Pick(_workers), step));
            }
        }

        foreach (Edge edge in Plan.Edges)
        {
            Connect([.. Of(edge.From)], [.. Of(edge.To)]);
        }

        Schedule = new SnapshotSchedule(
            _partitions.Keys,
            resumed?.Round ?? Round.None,
            _partitions.Values.Where(p => p.Step.IsFinished).Select(p => p.Step.Producer));
        if (Schedule.AllFinished)
        {
            Complete();
            return;
        }

        WakeAll();
        _snapshots.RequestLater();
    }

    private IEnumerable<SimulatedPartition> Of(StageId stage) => _partitions.Values.Where(p => p.Step.Producer.Stage == stage);

    private static void Connect(SimulatedPartition[] producers, SimulatedPartition[] receivers)
    {
        foreach (SimulatedPartition producer in producers)
        {
            producer.Downstream.AddRange(receivers);
        }

        foreach (SimulatedPartition receiver in receivers)
        {
            receiver.Upstream.AddRange(producers);
        }
    }

    private SimulatedPartition Receiver(Frame frame) => _partitions[new Producer(Plan.Edges[frame.Edge.Value].To, frame.To)];

    private void Bring(Frame frame, PartitionId to)
    {
        if (_partitions.TryGetValue(new Producer(Plan.Edges[frame.Edge.Value].To, to), out SimulatedPartition? partition))
        {
            partition.Receive(frame with { Batch = frame.Batch?.Retain() });
        }
    }

    /// <summary>An honest router gives each frame at least once: now and then it gives an old one again.</summary>
    private void Repeat(Frame frame)
    {
        RouterChannel channel = new(frame.Edge, frame.To, frame.From);
        if (!_repeatable.TryGetValue(channel, out List<Frame>? frames))
        {
            _repeatable.Add(channel, frames = []);
        }

        if (frames.Count < RepeatableFrames)
        {
            frames.Add(frame);
        }

        if (Dice.Chance(_repeatChance))
        {
            Frame old = Dice.Pick(frames);
            Bring(old, old.To);
        }
    }

    private void TakeOrWait(SimulatedPartition partition, int rounds)
    {
        if (rounds > 0)
        {
            partition.RoundsUntilSnapshot = rounds;
        }
        else
        {
            partition.RoundsUntilSnapshot = null;
            _snapshots.Take(partition);
        }
    }
}
