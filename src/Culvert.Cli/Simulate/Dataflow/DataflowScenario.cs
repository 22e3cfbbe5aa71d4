using Culvert.Simulation;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// A plan on workers over a network that loses, repeats and reorders, with snapshots on a disk; all processes crash at
/// random moments and the run is resumed, with the partitions on other workers. In the end each sink holds, row for row,
/// what an undisturbed run gives.
/// </summary>
internal sealed class DataflowScenario(DataflowFlaw? flaw = null) : Scenario
{
    /// <summary>A run may crash so often before it is left in peace.</summary>
    private const int CrashesMax = 3;

    public override string Name => "dataflow";

    public override void Run(World world)
    {
        DataflowPlace place = DataflowWorld.Build(world, flaw, null);
        DataflowWorld workers = new(place);
        for (int crashes = world.Dice.Below(CrashesMax + 1); crashes > 0; crashes--)
        {
            workers.RunUntilCrash();
            Refuse(world, workers.Run);
        }

        RunEnd end = workers.RunInPeace();
        Refuse(world, workers.Run);
        if (end != RunEnd.Reached)
        {
            world.Fail($"the run does not come to its end ({end}): {workers.Progress}");
        }

        SinkStore expected = StraightRun.Of(place.Plan, place.Input);
        if (place.Sinks.DifferenceFrom(expected) is { } difference)
        {
            world.Fail(difference);
        }
    }

    private static void Refuse(World world, DataflowRun run)
    {
        if (run.IntegrityError is { } error)
        {
            world.Fail($"an integrity error although nobody altered anything: {error}");
        }
    }
}
