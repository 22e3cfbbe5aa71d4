using System.Collections.Immutable;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>A key: its shape, and its columns over a node.</summary>
internal sealed record KeyColumns(Node Node, RowShape Shape, ImmutableArray<NamedExpr> Columns)
{
    /// <summary>The column of a key that is one value and has no better name.</summary>
    private const string DefaultName = "key";

    internal static KeyColumns Of<T, TKey>(Node node, Expression<Func<T, TKey>> selector) => Named(RowShape<TKey>.Instance, ComputedColumns.Of(node, selector));

    internal static KeyColumns Of<T, TKey>(Node node, Func<T, TKey> selector) => Named(RowShape<TKey>.Instance, ComputedColumns.Of(node, selector));

    /// <summary>The same key, each column under another name.</summary>
    internal ImmutableArray<NamedExpr> Renamed(Func<string, string> name) =>
        [.. Columns.Zip(Shape.Schema.Fields, (column, field) => column with { Name = name(field.Name) })];

    private static KeyColumns Named(RowShape shape, (Node Node, ImmutableArray<NamedExpr> Columns) made)
    {
        ImmutableArray<NamedExpr> columns = made.Columns;
        if (shape.IsValue)
        {
            string name = columns[0].Value is ColumnExpr { Name: var own } && !own.StartsWith('$') && own != RowShape.ValueColumn ? own : DefaultName;
            columns = [columns[0] with { Name = name }];
        }

        return new KeyColumns(made.Node, shape, columns);
    }
}
