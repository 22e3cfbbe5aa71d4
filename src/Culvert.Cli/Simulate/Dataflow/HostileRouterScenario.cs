using Culvert.Simulation;
using Culvert.Stages;

namespace Culvert.Cli.Simulate;

/// <summary>
/// The dataflow with a router that does one deed of <see cref="AttackKind"/> to one frame. It ends in an integrity error
/// that names a frame, in the right result, or in no progress where something is withheld; never in a wrong result.
/// </summary>
internal sealed class HostileRouterScenario(DataflowFlaw? flaw = null, AttackKind? only = null) : Scenario
{
    /// <summary>Few runs have more frames than this; where an attack comes too late, the run is one in peace.</summary>
    private const int FrameIndexMax = 100;

    public override string Name => "hostile-router";

    public override void Run(World world)
    {
        AttackKind kind = only ?? world.Dice.Pick(Enum.GetValues<AttackKind>());
        RouterAttack attack = new(world, kind, world.Dice.Below(FrameIndexMax));
        DataflowPlace place = DataflowWorld.Build(world, flaw, attack);
        DataflowWorld workers = new(place);
        if (kind == AttackKind.BeforeCrash || world.Dice.Chance(0.3))
        {
            workers.RunUntilCrash();
        }

        RunEnd end = workers.Run.IntegrityError is null ? workers.RunInPeace() : RunEnd.Reached;
        if (end == RunEnd.OutOfSteps)
        {
            world.Fail($"neither progress nor rest after {kind} of {attack.Victim}: {workers.Progress}");
        }

        if (workers.Run.IntegrityError is { } error)
        {
            Judge(world, attack, error);
        }
        else if (workers.Run.IsDone)
        {
            JudgeResult(world, place, attack);
        }
        else
        {
            // Withheld: nobody can go on, and nobody says that he is done.
            Blame(world, attack, "no progress");
        }
    }

    private static void Judge(World world, RouterAttack attack, string error)
    {
        Blame(world, attack, "integrity error");
        if (!error.Contains('#', StringComparison.Ordinal) || !error.Contains(" e", StringComparison.Ordinal))
        {
            world.Fail($"the integrity error names no frame: {error}");
        }
    }

    private static void JudgeResult(World world, DataflowPlace place, RouterAttack attack)
    {
        SinkStore expected = StraightRun.Of(place.Plan, place.Input);
        if (place.Sinks.DifferenceFrom(expected) is { } difference)
        {
            world.Fail($"a wrong result after {attack.Kind} of {attack.Victim}: {difference}");
        }

        if (attack.Victim is not null)
        {
            world.Saw($"{attack.Kind}: no change");
        }
    }

    private static void Blame(World world, RouterAttack attack, string outcome)
    {
        if (attack.Victim is null)
        {
            world.Fail($"{outcome} although nothing was attacked");
        }

        world.Saw($"{attack.Kind}: {outcome}");
    }
}
