using System.Collections.Immutable;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

// Joins with static tables.
public partial class Stream<T>
{
    /// <summary>
    /// Joins each event with the table's row whose key it has; events without a row are dropped. The result may be any
    /// expression over both.
    /// </summary>
    public Stream<TResult> Lookup<TKey, TValue, TResult>(
        LookupTable<TKey, TValue> table, Expression<Func<T, TKey>> key, Expression<Func<T, TValue, TResult>> result) =>
        Join<TKey, TValue, TResult>(table, key, result, keepUnmatched: false);

    /// <summary>
    /// Joins each event with the table's row whose key it has, or with none: then the row is null (<c>row == null</c> tells,
    /// and its texts are null), or, where it is a number or another value type, default.
    /// </summary>
    public Stream<TResult> LeftLookup<TKey, TValue, TResult>(
        LookupTable<TKey, TValue> table, Expression<Func<T, TKey>> key, Expression<Func<T, TValue?, TResult>> result) =>
        Join<TKey, TValue, TResult>(table, key, result, keepUnmatched: true);

    private Stream<TResult> Join<TKey, TValue, TResult>(
        LookupTable<TKey, TValue> table, Expression<Func<T, TKey>> key, LambdaExpression result, bool keepUnmatched)
    {
        (Node over, ImmutableArray<NamedExpr> keys) = ComputedColumns.Of(Node, key);
        LookupNode node;
        try
        {
            node = new LookupNode(over, keys[0].Value, table.Table, keepUnmatched);
        }
        catch (ArgumentException e)
        {
            throw new JobDefinitionException($"the table '{table.Table.Name}' is joined a second time under the same name: give it another one for this ({e.Message})", e);
        }

        RowScope own = new(result.Parameters[0], Shape, node.Schema);
        RowScope row = new(result.Parameters[1], RowShape<TValue>.Instance, node.Schema, table.Prefix);
        Expr? Resolve(Expression e) => own.Resolve(e) ?? (keepUnmatched ? Unmatched<TValue>(row, e, node.Schema) : row.Resolve(e));
        ReadOnlySpan<RowScope> whole = keepUnmatched && typeof(TValue).IsValueType ? [own] : [own, row];
        Outcome<ImmutableArray<NamedExpr>> columns = Projection.Translate(result.Body, RowShape<TResult>.Instance, Resolve, whole);
        return columns.Succeeded
            ? new Stream<TResult>(new SelectNode(node, Timed(node, columns.Value)))
            : throw new JobDefinitionException(
                $"the result of a lookup has to be made of expressions over the event and the table's row: {columns.Failure.Message}. Compute the rest in a Select behind it");
    }

    /// <summary>What a part of a row is where there may be no row: as .NET has it for default(TValue), but that text of no row is null.</summary>
    private static Expr? Unmatched<TValue>(RowScope row, Expression e, Schema schema)
    {
        if (row.Same(e) && !typeof(TValue).IsValueType && !row.Shape.IsValue)
        {
            return Expr.Column(schema, row.Prefix + LookupTable<int, TValue>.MatchedColumn);
        }

        Expr? column = row.Resolve(e);
        if (column is null || !e.Type.IsValueType || Nullable.GetUnderlyingType(e.Type) is not null)
        {
            return column;
        }

        Type stored = e.Type.IsEnum ? Enum.GetUnderlyingType(e.Type) : e.Type;
        return typeof(TValue).IsValueType
            ? Expr.Binary(BinaryOperator.Coalesce, column, Expr.Constant(Activator.CreateInstance(stored)!))
            : Expr.Unary(UnaryOperator.Value, column);
    }
}
