using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// Joins each event with the row of a static table whose key equals the event's: a left join (the table's columns are
/// missing where there is no row) or an inner one (events without a row are dropped). The table's rows are part of the plan.
/// </summary>
public sealed class LookupNode(Node input, Expr key, LookupTable table, bool keepUnmatched)
    : Node(MakeSchema(input, table, keepUnmatched), input)
{
    /// <summary>The key, over the input's columns.</summary>
    public Expr Key { get; } = key;

    /// <summary>The table.</summary>
    public LookupTable Table { get; } = table;

    /// <summary>True for a left join.</summary>
    public bool KeepUnmatched { get; } = keepUnmatched;

    private static Schema MakeSchema(Node input, LookupTable table, bool keepUnmatched) => new(
        [
            .. input.Schema.Fields,
            .. table.Values.Fields.Select(f => keepUnmatched ? f with { Type = f.Type.AsNullable() } : f),
        ]);
}
