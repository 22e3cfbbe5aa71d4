using Culvert.Simulation;
using Culvert.Stages;

namespace Culvert.Cli.Simulate;

/// <summary>
/// A worker's end of the router: frames go out numbered per channel and again until acknowledged, and come in in their
/// order, over a network that loses, repeats and reorders.
/// </summary>
internal sealed class WorkerProcess(SimulatedNode node, Action<RouterChannel, Frame> arrived) : Process
{
    private static readonly TimeSpan ResendTime = TimeSpan.FromMilliseconds(5);

    /// <summary>Frames sent again at a time: what was lost is usually at the front.</summary>
    private const int ResentMax = 4;

    private readonly Dictionary<RouterChannel, Outgoing> _outgoing = [];
    private readonly Dictionary<RouterChannel, Incoming> _incoming = [];

    internal SimulatedNode Node => node;

    internal void Send(string to, Frame frame)
    {
        RouterChannel channel = new(frame.Edge, frame.To, frame.From);
        if (!_outgoing.TryGetValue(channel, out Outgoing? outgoing))
        {
            _outgoing.Add(channel, outgoing = new Outgoing(to));
        }

        Carried carried = new(channel, outgoing.Next++, frame);
        outgoing.Unacknowledged.Enqueue(carried);
        node.Send(to, carried);
        if (!outgoing.TimerSet)
        {
            outgoing.TimerSet = true;
            node.SetTimer(ResendTime, outgoing);
        }
    }

    public override void OnTimer(object timer)
    {
        Outgoing outgoing = (Outgoing)timer;
        outgoing.TimerSet = outgoing.Unacknowledged.Count > 0;
        foreach (Carried carried in outgoing.Unacknowledged.Take(ResentMax))
        {
            node.Send(outgoing.To, carried);
        }

        if (outgoing.TimerSet)
        {
            node.SetTimer(ResendTime, outgoing);
        }
    }

    public override void OnMessage(string from, object message)
    {
        switch (message)
        {
            case Carried carried:
                Take(from, carried);
                break;
            case Acknowledged acknowledged when _outgoing.TryGetValue(acknowledged.Channel, out Outgoing? outgoing):
                while (outgoing.Unacknowledged.TryPeek(out Carried? oldest) && oldest.Number < acknowledged.Next)
                {
                    outgoing.Unacknowledged.Dequeue();
                }

                break;
            default:
                break;
        }
    }

    private void Take(string from, Carried carried)
    {
        if (!_incoming.TryGetValue(carried.Channel, out Incoming? incoming))
        {
            _incoming.Add(carried.Channel, incoming = new Incoming());
        }

        if (carried.Number >= incoming.Next)
        {
            incoming.Early.TryAdd(carried.Number, carried);
            while (incoming.Early.Remove(incoming.Next, out Carried? next))
            {
                incoming.Next++;
                arrived(next.Channel, next.Frame);
            }
        }

        node.Send(from, new Acknowledged(carried.Channel, incoming.Next));
    }

    private sealed class Outgoing(string to)
    {
        internal string To { get; } = to;

        internal long Next { get; set; }

        internal Queue<Carried> Unacknowledged { get; } = new();

        internal bool TimerSet { get; set; }
    }

    private sealed class Incoming
    {
        internal long Next { get; set; }

        internal Dictionary<long, Carried> Early { get; } = [];
    }
}
