using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// A bug that is planted around the steps, to see that the scenario finds it. What is not overridden is right.
/// </summary>
internal abstract class DataflowFlaw
{
    /// <summary>What is wrong.</summary>
    internal abstract string Name { get; }

    /// <summary>How many rounds late a partition takes its part in a snapshot.</summary>
    internal virtual int SnapshotRoundsLate(Producer partition) => 0;

    /// <summary>Whether sinks are not cut back when a run is resumed.</summary>
    internal virtual bool KeepsSinkTail => false;

    /// <summary>Whether snapshots are committed before the sinks are durable.</summary>
    internal virtual bool CommitsBeforeSinksAreDurable => false;

    /// <summary>By how many rounds a source goes on too far when a run is resumed.</summary>
    internal virtual int SourceRoundsSkipped => 0;

    /// <summary>The plan as the flawed engine sees it.</summary>
    internal virtual Plan Alter(Plan plan) => plan;

    /// <summary>The frame as the flawed receiver sees it.</summary>
    internal virtual Frame Receive(PartitionStep receiver, Frame frame) => frame;
}
