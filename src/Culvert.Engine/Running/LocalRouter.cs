using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Carries frames between the partitions of one process. It looks at headers only.</summary>
internal sealed class LocalRouter(Plan plan) : IFrameSink
{
    private readonly StageActor?[][] _actors = [.. plan.Stages.Select(s => new StageActor?[s.PartitionCount])];

    internal void Add(StageActor actor) =>
        _actors[actor.Step.Producer.Stage.Value][actor.Step.Producer.Partition.Value] = actor;

    public void Send(Frame frame)
    {
        StageId to = plan.Edges[frame.Edge.Value].To;
        _actors[to.Value][frame.To.Value]!.Receive(frame);
    }
}
