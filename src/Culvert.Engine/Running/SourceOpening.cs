using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Opens the sources that this process knows.</summary>
internal static class SourceOpening
{
    internal static ISource Open(SourceNode node, IClock clock) =>
        node.Source is SequenceSourceSpec sequence ? new SequenceSource(sequence, node.Schema)
        : node.Source is IOpenableSource openable ? openable.Open(node.Schema, clock)
        : throw new JobFailedException($"nobody here can open the source {node.Source.Description}");
}
