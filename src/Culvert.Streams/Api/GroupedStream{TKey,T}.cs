using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>A stream whose events are taken together by a key.</summary>
public sealed class GroupedStream<TKey, T>
{
    private readonly Node _input;
    private readonly KeyColumns _keys;

    internal GroupedStream(Node input, KeyColumns keys) => (_input, _keys) = (input, keys);

    /// <summary>
    /// One event per key, at the stream's end: <c>g => new { g.Key, Total = g.Sum(e => e.Amount) }</c>. The result may be any
    /// expression over the key and over aggregates.
    /// </summary>
    public Stream<TResult> Aggregate<TResult>(Expression<Func<IGroup<TKey, T>, TResult>> result) =>
        new(new AggregateBuilder<T>(_input, result, _keys, null).Build(RowShape<TResult>.Instance).Result);

    /// <summary>The groups of each window over event time.</summary>
    public WindowedGroups<TKey, T> Window(WindowSpec window) => new(_input, _keys, window);

    /// <summary>For each event, its key's state after it; the state of a key begins as <paramref name="seed"/>.</summary>
    public Stream<TState> Scan<TState>(TState seed, Func<TState, T, TState> fold) =>
        Folds.Scan<TKey, T, TState, TState>(_keys, seed, fold, null);

    /// <summary>For each event, what <paramref name="result"/> makes of its key and of the key's state after it.</summary>
    public Stream<TResult> Scan<TState, TResult>(
        TState seed, Func<TState, T, TState> fold, Expression<Func<TKey, TState, TResult>> result) =>
        Folds.Scan(_keys, seed, fold, result);

    /// <summary>One event per key, at the stream's end: what <paramref name="result"/> makes of the key and of its last state.</summary>
    public Stream<TResult> Aggregate<TState, TResult>(
        TState seed, Func<TState, T, TState> fold, Expression<Func<TKey, TState, TResult>> result) =>
        Folds.Aggregate(_keys, DelegateFold<T, TState, TState>.Last(_keys.Node.Schema, seed, fold, null, null), result);

    /// <summary>
    /// As the overload with fold and result, for states that can be merged: <paramref name="merge"/> gives the state of a
    /// key's events from the states of the first and the later ones of them, and <paramref name="finish"/> what comes of a state.
    /// </summary>
    public Stream<TResult> Aggregate<TState, TFinished, TResult>(
        TState seed,
        Func<TState, T, TState> fold,
        Func<TState, TState, TState> merge,
        Func<TState, TFinished> finish,
        Expression<Func<TKey, TFinished, TResult>> result) =>
        Folds.Aggregate(_keys, DelegateFold<T, TState, TFinished>.Last(_keys.Node.Schema, seed, fold, merge, finish), result);
}
