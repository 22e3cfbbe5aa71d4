using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Where streams begin.</summary>
public static class Source
{
    /// <summary>The events that a source reads, with the columns of <typeparamref name="T"/>.</summary>
    public static Stream<T> From<T>(SourceSpec spec) => new(new SourceNode(spec, RowShape<T>.Instance.Schema));

    /// <summary>The events of two or more streams, round by round, and within a round in the order given.</summary>
    public static Stream<T> Merge<T>(params ReadOnlySpan<Stream<T>> streams)
    {
        if (streams.Length < 2)
        {
            return streams.Length == 1 ? streams[0] : throw new JobDefinitionException("there is nothing to merge: give two streams or more");
        }

        bool isTimed = true;
        foreach (Stream<T> stream in streams)
        {
            isTimed &= stream.Node.Schema.IndexOf(Node.EventTimeColumn) >= 0;
        }

        // Columns of T only, each nullable where one input's is: what else the inputs carry may differ.
        ImmutableArray<Field>.Builder fields = ImmutableArray.CreateBuilder<Field>();
        foreach (Field field in RowShape<T>.Instance.Schema.Fields)
        {
            bool nullable = false;
            foreach (Stream<T> stream in streams)
            {
                nullable |= stream.Node.Schema[stream.Node.Schema.IndexOf(field.Name)].Type.Nullable;
            }

            fields.Add(field with { Type = field.Type with { Nullable = nullable } });
        }

        if (isTimed)
        {
            fields.Add(new Field(Node.EventTimeColumn, new ColumnType(ValueKind.DateTime)));
        }

        Schema schema = new(fields);
        ImmutableArray<Node>.Builder inputs = ImmutableArray.CreateBuilder<Node>();
        foreach (Stream<T> stream in streams)
        {
            inputs.Add(Conform(stream.Node, schema));
        }

        return new Stream<T>(new MergeNode(inputs.ToImmutable()));
    }

    private static Node Conform(Node node, Schema schema) => node.Schema.Equals(schema)
        ? node
        : new SelectNode(node, [.. schema.Fields.Select(f => new NamedExpr(f.Name, Widened(Expr.Column(node.Schema, f.Name), f.Type)))]);

    private static Expr Widened(Expr column, ColumnType type) => column.Type == type ? column : Expr.Convert(column, type);
}
