namespace Culvert.Streams;

/// <summary>Where a stream's events go.</summary>
public sealed class SinkNode(Node input, SinkSpec sink) : Node(input.Schema, input)
{
    /// <summary>The receiver.</summary>
    public SinkSpec Sink { get; } = sink;
}
