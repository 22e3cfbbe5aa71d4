using System.Collections.Immutable;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Where streams begin.</summary>
public static class Source
{
    /// <summary>The events that a source reads, with the columns of <typeparamref name="T"/>.</summary>
    public static Stream<T> From<T>(SourceSpec spec) => new(new SourceNode(spec, RowShape<T>.Instance.Schema));

    /// <summary>An array or list, replayable; it must not be changed while a job reads it.</summary>
    public static Stream<T> From<T>(IReadOnlyList<T> rows) => Sequence<T>(new ListSourceSpec<T>(rows));

    /// <summary>
    /// A sequence, enumerated on the thread that reads it. Unless it is an array or list it is not replayable: runs of
    /// the job cannot be snapshotted.
    /// </summary>
    public static Stream<T> From<T>(IEnumerable<T> rows) => rows is IReadOnlyList<T> list ? From(list) : Sequence<T>(new EnumerableSourceSpec<T>(rows));

    /// <summary>An asynchronous sequence; not replayable.</summary>
    public static Stream<T> From<T>(IAsyncEnumerable<T> rows) => Sequence<T>(new AsyncSourceSpec<T>(rows));

    /// <summary>
    /// A push sequence, subscribed to when the job runs; not replayable. Up to 16,384 events wait for the job; then
    /// <c>OnNext</c> blocks its caller until there is room.
    /// </summary>
    public static Stream<T> From<T>(IObservable<T> rows) => Sequence<T>(new ObservableSourceSpec<T>(rows));

    /// <summary>
    /// Batches that were made beforehand, with the columns of <typeparamref name="T"/> first to last: they stay the
    /// caller's, and are shared and not copied while the job runs. Batch i goes to partition i modulo their number.
    /// </summary>
    public static Stream<T> FromBatches<T>(IReadOnlyList<Batch> batches, int partitions = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(partitions is >= 1 and <= 1024, true, nameof(partitions));
        Schema schema = batches.Count == 0 ? RowShape<T>.Instance.Schema : batches[0].Schema;
        foreach (Batch batch in batches)
        {
            if (!batch.Schema.Equals(schema))
            {
                throw new JobDefinitionException($"the batches differ in their columns: ({schema}) and ({batch.Schema})");
            }
        }

        return new Stream<T>(new SourceNode(new BatchSourceSpec(schema, batches, partitions), schema));
    }

    /// <summary>This sequence as a stream; see <see cref="From{T}(IEnumerable{T})"/>.</summary>
    public static Stream<T> ToStream<T>(this IEnumerable<T> rows) => From(rows);

    /// <summary>This sequence as a stream; see <see cref="From{T}(IAsyncEnumerable{T})"/>.</summary>
    public static Stream<T> ToStream<T>(this IAsyncEnumerable<T> rows) => From(rows);

    /// <summary>This sequence as a stream; see <see cref="From{T}(IObservable{T})"/>.</summary>
    public static Stream<T> ToStream<T>(this IObservable<T> rows) => From(rows);

    /// <summary>
    /// A static table for <c>Lookup</c>: its rows become part of the plan. A key that occurs twice, and more than
    /// <see cref="LookupTable.RowsMax"/> rows, are refused with <see cref="JobDefinitionException"/>.
    /// </summary>
    public static LookupTable<TKey, TValue> Table<TRow, TKey, TValue>(
        string name, IEnumerable<TRow> rows, Func<TRow, TKey> key, Func<TRow, TValue> value) =>
        new(name, rows.Select(r => KeyValuePair.Create(key(r), value(r))));

    /// <summary>As the overload with functions, from pairs: a dictionary, say.</summary>
    public static LookupTable<TKey, TValue> Table<TKey, TValue>(string name, IEnumerable<KeyValuePair<TKey, TValue>> rows) => new(name, rows);

    private static Stream<T> Sequence<T>(SequenceSourceSpec spec) => new(new SourceNode(spec, spec.Schema));

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
