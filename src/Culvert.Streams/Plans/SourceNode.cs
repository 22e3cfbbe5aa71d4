namespace Culvert.Streams;

/// <summary>Events from outside.</summary>
public sealed class SourceNode(SourceSpec source, Schema schema) : Node(schema)
{
    /// <summary>What is read.</summary>
    public SourceSpec Source { get; } = source;
}
