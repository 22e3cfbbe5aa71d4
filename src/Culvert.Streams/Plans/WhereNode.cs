using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Keeps the events for which a predicate is true; null counts as false.</summary>
public sealed class WhereNode : Node
{
    /// <summary>Keeps all columns.</summary>
    public WhereNode(Node input, Expr predicate)
        : this(input, predicate, [.. Enumerable.Range(0, input.Schema.Count)])
    {
    }

    /// <summary>Keeps the columns of the given indexes: the planner leaves out what only the predicate reads.</summary>
    public WhereNode(Node input, Expr predicate, ImmutableArray<int> keep)
        : base(new Schema(keep.Select(i => input.Schema[i])), input)
    {
        Predicate = predicate;
        Keep = keep;
    }

    /// <summary>Over the input's columns.</summary>
    public Expr Predicate { get; }

    /// <summary>The input's columns that are delivered.</summary>
    public ImmutableArray<int> Keep { get; }
}
