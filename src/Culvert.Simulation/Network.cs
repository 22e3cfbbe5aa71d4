namespace Culvert.Simulation;

/// <summary>
/// Carries messages between nodes, late, out of order, twice or never. Messages to a node that is down, or that crashes
/// or starts while they are on their way, are lost.
/// </summary>
public sealed class Network
{
    private readonly World _world;
    private readonly Dice _chance;
    private readonly Dictionary<string, int> _sides = new(StringComparer.Ordinal);

    internal Network(World world, Dice chance) => (_world, _chance) = (world, chance);

    /// <summary>How badly it does; default <see cref="NetworkFaults.None"/>.</summary>
    public NetworkFaults Faults { get; set; } = NetworkFaults.None;

    /// <summary>
    /// What a Byzantine network makes of a message: what it carries in its place (nothing, another message, several, to
    /// others), or null when it is honest.
    /// </summary>
    public Func<Envelope, IEnumerable<Envelope>>? Tamper { get; set; }

    /// <summary>Messages sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Messages that have arrived.</summary>
    public long Delivered { get; private set; }

    /// <summary>Parts the network: nodes reach those of their own side only. A node that is not named is on side 0.</summary>
    public void Part(params IReadOnlyList<IReadOnlyList<string>> sides)
    {
        _sides.Clear();
        for (int side = 0; side < sides.Count; side++)
        {
            foreach (string name in sides[side])
            {
                _sides[name] = side;
            }
        }

        _world.Note("network", $"is parted into {sides.Count} sides");
    }

    /// <summary>Lets every node reach every other again.</summary>
    public void Heal()
    {
        _sides.Clear();
        _world.Note("network", $"is whole");
    }

    internal void Calm()
    {
        Heal();
        Faults = Faults with { Loss = 0, Duplication = 0 };
        Tamper = null;
    }

    internal void Send(string from, string to, object message)
    {
        _world.Guard();
        Sent++;
        Envelope honest = new(from, to, message);
        if (Tamper is not { } tamper)
        {
            Carry(honest);
            return;
        }

        foreach (Envelope envelope in tamper(honest).ToArray())
        {
            Carry(envelope);
        }
    }

    private void Carry(Envelope envelope)
    {
        if (_sides.GetValueOrDefault(envelope.From) != _sides.GetValueOrDefault(envelope.To))
        {
            _world.Note("network", $"{envelope.From} cannot reach {envelope.To}");
            return;
        }

        if (Faults.Loss > 0 && _chance.Chance(Faults.Loss))
        {
            _world.Note("network", $"loses {envelope.From} -> {envelope.To}: {envelope.Message}");
            return;
        }

        Dispatch(envelope);
        if (Faults.Duplication > 0 && _chance.Chance(Faults.Duplication))
        {
            Dispatch(envelope);
        }
    }

    private void Dispatch(Envelope envelope)
    {
        SimulatedNode to = _world.Node(envelope.To);
        if (!to.IsUp)
        {
            return;
        }

        TimeSpan delay = _chance.Between(Faults.DelayMin, Faults.DelayMax);
        _world.Schedule(delay, to, to.Incarnation, () =>
        {
            Delivered++;
            _world.Note(envelope.To, $"<- {envelope.From}: {envelope.Message}");
            to.Process!.OnMessage(envelope.From, envelope.Message);
        });
    }
}
