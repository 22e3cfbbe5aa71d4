using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

// Keys, time, windows and partitions.
public partial class Stream<T>
{
    /// <summary>Takes events together by a key: one value, or several as <c>e => new { e.A, e.B }</c>.</summary>
    [OverloadResolutionPriority(1)]
    public GroupedStream<TKey, T> GroupBy<TKey>(Expression<Func<T, TKey>> key) => new(Node, KeyColumns.Of(Node, key));

    /// <summary>Takes events together by a key that user code makes.</summary>
    public GroupedStream<TKey, T> GroupBy<TKey>(Func<T, TKey> key) => new(Node, KeyColumns.Of(Node, key));

    /// <summary>One event at the stream's end, over all of it.</summary>
    public Stream<TResult> Aggregate<TResult>(Expression<Func<IAggregates<T>, TResult>> result) =>
        new(new AggregateBuilder<T>(Node, result, null, null).Build(RowShape<TResult>.Instance).Result);

    /// <summary>For each event, the state after it, which begins as <paramref name="seed"/>: one state, so one partition.</summary>
    public Stream<TState> Scan<TState>(TState seed, Func<TState, T, TState> fold) =>
        Folds.Scan<int, T, TState, TState>(new KeyColumns(Node, RowShape<int>.Instance, []), seed, fold, null);

    /// <summary>One event at the stream's end: the state after its last event.</summary>
    public Stream<TState> Aggregate<TState>(TState seed, Func<TState, T, TState> fold) =>
        new(new FoldNode(Node, [], DelegateFold<T, TState, TState>.Last(Node.Schema, seed, fold, null, null)));

    /// <summary>
    /// Gives each event its time, which windows go by. An event may be older than the newest before it by
    /// <paramref name="disorder"/> (zero or more) without being late.
    /// </summary>
    [OverloadResolutionPriority(1)]
    public Stream<T> WithEventTime(Expression<Func<T, DateTime>> time, TimeSpan disorder = default) =>
        Time(ComputedColumns.Of(Node, time), disorder);

    /// <summary>As the overload for <see cref="DateTime"/>; the moment counts, in UTC.</summary>
    [OverloadResolutionPriority(1)]
    public Stream<T> WithEventTime(Expression<Func<T, DateTimeOffset>> time, TimeSpan disorder = default) =>
        Time(ComputedColumns.Of(Node, time), disorder);

    /// <summary>As the overload for expressions, by user code.</summary>
    public Stream<T> WithEventTime(Func<T, DateTime> time, TimeSpan disorder = default) =>
        Time(ComputedColumns.Of(Node, time), disorder);

    /// <summary>Windows over event time, without keys.</summary>
    public Windows<T> Window(WindowSpec window) => new(Node, window);

    /// <summary>Sends events of equal keys to the same one of <paramref name="count"/> partitions (1 to 1,024; the job's number without it).</summary>
    [OverloadResolutionPriority(1)]
    public Stream<T> PartitionBy<TKey>(Expression<Func<T, TKey>> key, int? count = null) => Partitioned(KeyColumns.Of(Node, key), count);

    /// <summary>As the overload for expressions, by user code.</summary>
    public Stream<T> PartitionBy<TKey>(Func<T, TKey> key, int? count = null) => Partitioned(KeyColumns.Of(Node, key), count);

    /// <summary>Sends batches to <paramref name="count"/> partitions in turn (1 to 1,024; the job's number without it).</summary>
    public Stream<T> RoundRobin(int? count = null) => new(new PartitionNode(Node, Dispatch.RoundRobin, [], Checked(count)));

    /// <summary>Sends every event to every partition of the step that follows.</summary>
    public Stream<T> Broadcast(int? count = null) => new(new PartitionNode(Node, Dispatch.Broadcast, [], Checked(count)));

    private static Stream<T> Partitioned(KeyColumns keys, int? count) =>
        new(new PartitionNode(keys.Node, Dispatch.ByKey, keys.Columns, Checked(count)));

    private static int? Checked(int? count) => count is null or (>= 1 and <= 1024)
        ? count
        : throw new ArgumentOutOfRangeException(nameof(count), count, "a stage has 1 to 1,024 partitions");

    private static Stream<T> Time((Node Node, ImmutableArray<NamedExpr> Columns) time, TimeSpan disorder)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(disorder, TimeSpan.Zero);
        return new Stream<T>(new EventTimeNode(time.Node, time.Columns[0].Value, disorder));
    }
}
