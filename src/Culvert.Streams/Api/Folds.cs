using System.Collections.Immutable;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Nodes of user-defined folds. The keys' columns are hidden ones until the result's lambda asks for them.</summary>
internal static class Folds
{
    private const string KeyPrefix = "$key.";

    internal static Stream<TResult> Scan<TKey, T, TState, TResult>(
        KeyColumns keys, TState seed, Func<TState, T, TState> fold, Expression<Func<TKey, TState, TResult>>? result)
    {
        FoldNode node = new(keys.Node, HiddenKeys(keys), DelegateFold<T, TState, TState>.Each(keys.Node.Schema, seed, fold));
        return result is null
            ? new Stream<TResult>(DropKeys(node, RowShape<TResult>.Instance))
            : Select<TKey, TState, TResult>(node, keys, result);
    }

    internal static Stream<TResult> Aggregate<TKey, T, TState, TFinished, TResult>(
        KeyColumns keys, DelegateFold<T, TState, TFinished> fold, Expression<Func<TKey, TFinished, TResult>> result) =>
        Select<TKey, TFinished, TResult>(new FoldNode(keys.Node, HiddenKeys(keys), fold), keys, result);

    private static ImmutableArray<NamedExpr> HiddenKeys(KeyColumns keys) =>
        keys.Columns.IsEmpty ? [] : keys.Renamed(name => KeyPrefix + name);

    private static Node DropKeys(FoldNode node, RowShape result) => node.Keys.IsEmpty
        ? node
        : new SelectNode(node, Stream<int>.Timed(node, [.. result.Schema.Fields.Select(f => new NamedExpr(f.Name, Expr.Column(node.Schema, f.Name)))]));

    private static Stream<TResult> Select<TKey, TState, TResult>(
        FoldNode node, KeyColumns keys, Expression<Func<TKey, TState, TResult>> result)
    {
        RowScope key = new(result.Parameters[0], keys.Shape, node.Schema, KeyPrefix);
        RowScope state = new(result.Parameters[1], RowShape<TState>.Instance, node.Schema);
        Outcome<ImmutableArray<NamedExpr>> columns = Projection.Translate(
            result.Body, RowShape<TResult>.Instance, e => key.Resolve(e) ?? state.Resolve(e), key, state);
        return columns.Succeeded
            ? new Stream<TResult>(new SelectNode(node, Stream<int>.Timed(node, columns.Value)))
            : throw new JobDefinitionException(
                $"the result has to be made of the key, the state and expressions over them: {columns.Failure.Message}. Compute the rest in a Select behind it");
    }
}
