using Culvert.Sealing;
using Culvert.Simulation;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>One deed of a hostile router. It outlives crashes, as a router may.</summary>
internal sealed class RouterAttack(World world, AttackKind kind, int frameIndex)
{
    private const int RepeatedAfter = 3;

    private readonly Dice _dice = world.Dice.Fork();
    private int _passed;
    private Frame? _kept;
    private int _bringIn = -1;

    internal AttackKind Kind => kind;

    /// <summary>The frame that was attacked, once one was.</summary>
    internal Frame? Victim { get; private set; }

    /// <summary>All processes have crashed.</summary>
    internal void Crashed()
    {
        if (_kept is not null && kind == AttackKind.BeforeCrash)
        {
            _bringIn = _dice.Below(20);
        }
        else if (kind != AttackKind.BeforeCrash)
        {
            _kept = null; // a frame held back went with the connection
        }
    }

    /// <summary>What is brought in place of a frame, and to which partition of the edge's stage.</summary>
    internal List<(Frame Frame, PartitionId To)> Pass(Frame frame, Plan plan)
    {
        List<(Frame, PartitionId)> brought = [];
        if (_passed++ == frameIndex)
        {
            Victim = frame;
            world.Note("router", $"attacks {frame}: {kind}");
            Attack(frame, plan, brought);
        }
        else
        {
            brought.Add((frame, frame.To));
            BringKept(frame, brought);
        }

        return brought;
    }

    private void BringKept(Frame frame, List<(Frame, PartitionId)> brought)
    {
        bool sameChannel = _kept is not null && (frame.Edge, frame.From, frame.To) == (_kept.Edge, _kept.From, _kept.To);
        bool now = kind == AttackKind.Reorder ? sameChannel : _bringIn >= 0 && _bringIn-- == 0;
        if (now && _kept is not null)
        {
            world.Note("router", $"brings {_kept}");
            world.Saw($"attack: {kind}");
            brought.Add((_kept, _kept.To));
            _kept = null;
        }
    }

    private void Attack(Frame frame, Plan plan, List<(Frame, PartitionId)> brought)
    {
        int partitions = plan.Stages[plan.Edges[frame.Edge.Value].To.Value].PartitionCount;
        int producers = plan.Stages[frame.From.Stage.Value].PartitionCount;
        PartitionId other = new((frame.To.Value + 1) % partitions);
        switch (kind)
        {
            case AttackKind.Drop:
                break;
            case AttackKind.Repeat:
                brought.Add((frame, frame.To));
                _kept = frame;
                _bringIn = _dice.Below(RepeatedAfter);
                return;
            case AttackKind.BeforeCrash:
                brought.Add((frame, frame.To));
                _kept = frame;
                return;
            case AttackKind.Reorder:
                _kept = frame;
                return;
            case AttackKind.Misdeliver:
                brought.Add((frame, other));
                break;
            case AttackKind.ToPartition:
                brought.Add((frame with { To = other }, other));
                break;
            case AttackKind.ToEdge:
                Edge edge = _dice.Pick(plan.Edges);
                brought.Add((frame with { Edge = edge.Id }, frame.To));
                break;
            case AttackKind.Producer:
                brought.Add((frame with { From = new Producer(frame.From.Stage, new PartitionId(_dice.Below(producers + 1))) }, frame.To));
                break;
            case AttackKind.Kind:
                brought.Add((frame with { Kind = (FrameKind)_dice.Below(5) }, frame.To));
                break;
            case AttackKind.Round:
                brought.Add((frame with { Round = new Round(_dice.Between(-1, 10)) }, frame.To));
                break;
            default:
                brought.Add((frame with { Sequence = new SequenceNumber(_dice.Between(-1, 20)) }, frame.To));
                break;
        }

        world.Saw($"attack: {kind}");
    }
}
