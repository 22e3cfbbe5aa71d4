using System.Runtime.CompilerServices;
using Culvert.Cli.Simulate;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Simulation.Tests;

/// <summary>Bugs that somebody could make, planted around the steps.</summary>
internal static class PlantedFlaws
{
    /// <summary>By name, with the attack that it takes to show them, if any.</summary>
    internal static IReadOnlyDictionary<string, (DataflowFlaw Flaw, AttackKind? Attack)> All { get; } =
        new (DataflowFlaw Flaw, AttackKind? Attack)[]
        {
            (new AcceptsGaps(), AttackKind.Drop),
            (new AcceptsReplays(), null),
            (new MergesWithoutOrder(), null),
            (new SnapshotsLate(), null),
            (new SinksNotCutBack(), null),
            (new CommitsTooEarly(), null),
            (new SourcesSkip(), null),
        }.ToDictionary(f => f.Flaw.Name);

    /// <summary>Renumbers the frames of each channel as a vector that does not look would see them.</summary>
    private abstract class Renumbers : DataflowFlaw
    {
        private readonly ConditionalWeakTable<PartitionStep, Dictionary<Channel, (long Next, long Offset)>> _channels = [];

        internal override Frame Receive(PartitionStep receiver, Frame frame)
        {
            Dictionary<Channel, (long Next, long Offset)> channels = _channels.GetValue(receiver, _ => []);
            Channel channel = new(frame.Edge, frame.From);
            if (!channels.TryGetValue(channel, out (long Next, long Offset) known))
            {
                known = (frame.Sequence.Value, 0);
            }

            known = Take(known, frame.Sequence.Value);
            channels[channel] = known;
            return frame with { Sequence = new SequenceNumber(frame.Sequence.Value + known.Offset) };
        }

        private protected abstract (long Next, long Offset) Take((long Next, long Offset) known, long sequence);
    }

    private sealed class AcceptsGaps : Renumbers
    {
        internal override string Name => "a vector that accepts gaps";

        private protected override (long Next, long Offset) Take((long Next, long Offset) known, long sequence) => sequence >= known.Next
            ? (sequence + 1, known.Offset - (sequence - known.Next))
            : known;
    }

    private sealed class AcceptsReplays : Renumbers
    {
        internal override string Name => "a vector that takes a frame twice";

        private protected override (long Next, long Offset) Take((long Next, long Offset) known, long sequence) => sequence < known.Next
            ? (sequence + 1, known.Offset + known.Next - sequence)
            : (sequence + 1, known.Offset);
    }

    private sealed class MergesWithoutOrder : DataflowFlaw
    {
        internal override string Name => "a merge that processes frames as they come";

        internal override Plan Alter(Plan plan) => new(
            plan.JobName, plan.Stages, [.. plan.Edges.Select(e => e with { Ordered = false })]);
    }

    private sealed class SnapshotsLate : DataflowFlaw
    {
        internal override string Name => "a part of a snapshot taken one round late";

        /// <summary>Were all late together, it would be a good snapshot of the next round.</summary>
        internal override int SnapshotRoundsLate(Producer partition) => partition.Stage.Value % 2;
    }

    private sealed class SinksNotCutBack : DataflowFlaw
    {
        internal override string Name => "a sink that is not cut back";

        internal override bool KeepsSinkTail => true;
    }

    private sealed class CommitsTooEarly : DataflowFlaw
    {
        internal override string Name => "a snapshot that is committed before the sinks are durable";

        internal override bool CommitsBeforeSinksAreDurable => true;
    }

    private sealed class SourcesSkip : DataflowFlaw
    {
        internal override string Name => "a source that goes on a round too far";

        internal override int SourceRoundsSkipped => 1;
    }
}
