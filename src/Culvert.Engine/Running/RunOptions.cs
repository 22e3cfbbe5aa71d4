using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>How a plan is run; none of it changes the result.</summary>
public sealed record RunOptions
{
    /// <summary>Threads that share the partitions; default: the machine's processors. At least 1.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Where snapshots are kept; default (null): nowhere, and a lost run starts anew.</summary>
    public IBlobs? Snapshots { get; init; }

    /// <summary>Time from one snapshot's end to the next one's beginning; default 10 s.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Goes on from the newest snapshot in <see cref="Snapshots"/>; default false.</summary>
    public bool Resume { get; init; }

    /// <summary>The clock of sources and of the snapshots' interval; default: the machine's.</summary>
    public IClock Clock { get; init; } = MachineClock.Instance;

    /// <summary>The randomness of run ids; default: the machine's.</summary>
    public IEntropy Entropy { get; init; } = MachineEntropy.Instance;
}
