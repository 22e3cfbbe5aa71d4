using Culvert.Simulation;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>The workers of a dataflow scenario, and the lives that a run has on them.</summary>
internal sealed class DataflowWorld
{
    private const int WorkersMax = 4;

    /// <summary>Most runs end within so many steps, so that crashes fall into all of their phases.</summary>
    private const int CrashAfterStepsMax = 500;

    private readonly DataflowPlace _place;
    private readonly List<SimulatedNode> _nodes = [];

    internal DataflowWorld(DataflowPlace place)
    {
        _place = place;
        for (int i = place.World.Dice.Between(1, WorkersMax); i > 0; i--)
        {
            _nodes.Add(place.World.AddNode($"worker-{_nodes.Count}", node => new WorkerProcess(node, (_, frame) => Run!.Arrived(frame))));
        }

        Run = NewRun();
    }

    /// <summary>The life that is under way, or was last.</summary>
    internal DataflowRun Run { get; private set; }

    /// <summary>How far each partition is, for people.</summary>
    internal string Progress => string.Join(
        ", ", Run.Partitions.Select(p => $"{p.Step.Producer} {(p.Step.IsFinished ? "finished" : $"completed {p.Step.CompletedRound}")}"));

    private bool IsOver => Run.IsDone || Run.IntegrityError is not null;

    /// <summary>A plan, its input and a bad network, by chance.</summary>
    internal static DataflowPlace Build(World world, DataflowFlaw? flaw, RouterAttack? attack)
    {
        Dice dice = world.Dice;
        Plan plan = DataflowJobs.Choose(dice);
        DataflowInput input = new(plan, dice.Fork());
        world.Network.Faults = new NetworkFaults
        {
            DelayMax = TimeSpan.FromMilliseconds(dice.Between(1, 5)),
            Loss = dice.Chance(0.5) ? 0.05 : 0,
            Duplication = dice.Chance(0.5) ? 0.05 : 0,
        };
        world.Disk(DataflowPlace.SnapshotDisk).LatencyMax = TimeSpan.FromMicroseconds(dice.Between(1, 600));
        return new DataflowPlace(world, plan, input, new SinkStore(flaw), attack, flaw);
    }

    /// <summary>Lets the run go on for a while, crashes all processes, and starts them again.</summary>
    internal void RunUntilCrash()
    {
        World world = _place.World;
        world.Run(() => IsOver, stepsMax: world.Dice.Below(CrashAfterStepsMax));
        if (Run.IntegrityError is not null)
        {
            return;
        }

        world.Saw(Run.IsDone ? "crash after the end" : "crash");
        foreach (SimulatedNode node in _nodes)
        {
            node.Crash();
        }

        Run.Dispose();
        _place.Sinks.Crash(world.Dice);
        _place.Attack?.Crashed();
        foreach (SimulatedNode node in _nodes)
        {
            node.Start();
        }

        Run = NewRun();
    }

    /// <summary>Ends the faults and lets the run come to its end.</summary>
    internal RunEnd RunInPeace()
    {
        _place.World.Calm();
        return _place.World.Run(() => IsOver, stepsMax: 200_000);
    }

    private DataflowRun NewRun()
    {
        // The keeper of snapshots is the first; which workers there are and what is placed where differ from life to life.
        List<SimulatedNode> workers = [.. _nodes];
        _place.World.Dice.Shuffle(workers);
        return new DataflowRun(_place, workers[.._place.World.Dice.Between(1, workers.Count)]);
    }
}
