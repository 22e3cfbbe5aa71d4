namespace Culvert.Streams;

/// <summary>The events that came too late for every window of an aggregate, as they were.</summary>
public sealed class LateNode(AggregateNode window) : Node(window.Inputs[0].Schema, window)
{
    /// <summary>The aggregate they came too late for.</summary>
    public AggregateNode Window { get; } = window;
}
