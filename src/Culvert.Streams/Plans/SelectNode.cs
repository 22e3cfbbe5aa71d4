using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>Computes each column anew.</summary>
public sealed class SelectNode(Node input, ImmutableArray<NamedExpr> columns)
    : Node(new Schema(columns.Select(c => c.Field)), input)
{
    /// <summary>The new columns, over the input's.</summary>
    public ImmutableArray<NamedExpr> Columns { get; } = columns;
}
