namespace Culvert.Stages;

/// <summary>A snapshot of a run that was read back and found whole. The tables are the caller's to dispose.</summary>
public sealed class RunSnapshot
{
    internal RunSnapshot(RunId run, PlanDigest plan, Round round, byte[] meta, IReadOnlyList<RestoredPartition> partitions)
    {
        Run = run;
        Plan = plan;
        Round = round;
        Meta = meta;
        Partitions = partitions;
    }

    /// <summary>The run, which a resumed run keeps.</summary>
    public RunId Run { get; }

    /// <summary>The plan.</summary>
    public PlanDigest Plan { get; }

    /// <summary>The last round that the snapshot covers.</summary>
    public Round Round { get; }

    /// <summary>What the engine gave <see cref="SnapshotWriter.CommitAsync"/>.</summary>
    public ReadOnlyMemory<byte> Meta { get; }

    /// <summary>The partitions, ordered by producer.</summary>
    public IReadOnlyList<RestoredPartition> Partitions { get; }
}
