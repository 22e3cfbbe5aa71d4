using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Simulate;

/// <summary>
/// The undisturbed run that all others are measured by: each stage after the one before it, one partition after another,
/// no network, no snapshot.
/// </summary>
internal static class StraightRun
{
    internal static SinkStore Of(Plan plan, DataflowInput input)
    {
        SinkStore sinks = new();
        Dictionary<Producer, PartitionStep> steps = [];
        Hand hand = new(plan, steps);
        foreach (Stage stage in plan.Stages)
        {
            for (int p = 0; p < stage.PartitionCount; p++)
            {
                PartitionStep step = new(plan, stage.Id, new PartitionId(p), hand, sinks);
                steps.Add(step.Producer, step);
            }
        }

        foreach (PartitionStep step in steps.Values)
        {
            Work(step, plan.Stages[step.Producer.Stage.Value], input);
        }

        foreach (PartitionStep step in steps.Values)
        {
            step.Dispose();
        }

        return sinks;
    }

    private static void Work(PartitionStep step, Stage stage, DataflowInput input)
    {
        if (stage.Source is not { } source)
        {
            while (!step.IsFinished)
            {
                Invariant.Holds(step.Advance() != MergeStep.Wait);
            }

            return;
        }

        for (int round = 0; round < input.Rounds(step.Producer); round++)
        {
            foreach (Batch batch in input.Read(step.Producer, round, source.Schema))
            {
                step.Push(batch);
            }

            step.CloseRound();
        }

        step.End();
    }

    private sealed class Hand(Plan plan, Dictionary<Producer, PartitionStep> steps) : IFrameSink
    {
        public void Send(Frame frame) =>
            Invariant.Holds(steps[new Producer(plan.Edges[frame.Edge.Value].To, frame.To)].Receive(frame).Succeeded);
    }
}
