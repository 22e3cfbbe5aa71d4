using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Keeps the events for which a predicate is true; null counts as false.</summary>
public sealed class WhereNode(Node input, Expr predicate) : Node(input.Schema, input)
{
    /// <summary>Over the input's columns.</summary>
    public Expr Predicate { get; } = predicate;
}
