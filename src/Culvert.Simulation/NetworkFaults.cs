namespace Culvert.Simulation;

/// <summary>How badly a network does. Messages overtake each other whenever their delays differ.</summary>
public sealed record NetworkFaults
{
    /// <summary>A network that only takes its time: 0.1 ms to 1 ms.</summary>
    public static NetworkFaults None { get; } = new();

    /// <summary>The shortest time on the way; default 0.1 ms.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The longest time on the way; default 1 ms; at least <see cref="DelayMin"/>.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The share of messages that are lost, 0 to 1; default 0.</summary>
    public double Loss { get; init; }

    /// <summary>The share of messages that come twice, 0 to 1; default 0.</summary>
    public double Duplication { get; init; }
}
