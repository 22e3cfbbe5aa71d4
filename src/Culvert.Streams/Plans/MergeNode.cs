using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>The events of several streams of one schema, in rounds: within a round, in the order of the inputs.</summary>
public sealed class MergeNode : Node
{
    /// <summary>Merges two or more inputs; another schema than the first's is refused with <see cref="ArgumentException"/>.</summary>
    public MergeNode(params ImmutableArray<Node> inputs)
        : base(inputs[0].Schema, inputs)
    {
        foreach (Node input in inputs)
        {
            if (!input.Schema.Equals(Schema))
            {
                throw new ArgumentException($"streams of different schemas cannot be merged: ({Schema}) and ({input.Schema})");
            }
        }
    }
}
