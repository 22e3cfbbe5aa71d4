using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Reflection;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// What a function of an event gives, as expressions over a node's columns: by translation, or, where that is refused, by
/// running it as code that adds columns (with names that begin with <c>$</c>, which no event has).
/// </summary>
internal static class ComputedColumns
{
    /// <summary>The columns that a lambda makes, and the node that they are over.</summary>
    internal static (Node Node, ImmutableArray<NamedExpr> Columns) Of<T, TValue>(Node node, Expression<Func<T, TValue>> lambda)
    {
        RowScope scope = new(lambda.Parameters[0], RowShape<T>.Instance, node.Schema);
        Outcome<ImmutableArray<NamedExpr>> columns = Projection.Translate(lambda.Body, RowShape<TValue>.Instance, scope.Resolve, scope);
        if (columns.Succeeded)
        {
            return (node, columns.Value);
        }

        (CodeIdentity identity, Func<T, TValue> code) = CodeIdentity.Of(lambda);
        return Add(node, code, identity);
    }

    /// <summary>The columns that user code makes, and the node that they are over.</summary>
    internal static (Node Node, ImmutableArray<NamedExpr> Columns) Of<T, TValue>(Node node, Func<T, TValue> function)
    {
        (CodeIdentity identity, Func<T, TValue> code) = CodeIdentity.Of(function);
        return Add(node, code, identity);
    }

    /// <summary>As the others, for an argument that is only known as an expression: a lambda, or a delegate's value.</summary>
    internal static (Node Node, Expr Value) OfArgument<T>(Node node, Expression argument)
    {
        Type delegateType = argument.Type;
        Type value = delegateType.GetGenericArguments()[1];
        try
        {
            object given = argument is LambdaExpression ? argument : Expression.Lambda<Func<object>>(argument).Compile()();
            MethodInfo method = typeof(ComputedColumns)
                .GetMethod(argument is LambdaExpression ? nameof(OfLambda) : nameof(OfDelegate), BindingFlags.Static | BindingFlags.NonPublic)!
                .MakeGenericMethod(typeof(T), value);
            (Node over, ImmutableArray<NamedExpr> columns) = ((Node, ImmutableArray<NamedExpr>))method.Invoke(null, [node, given])!;
            return (over, columns[0].Value);
        }
        catch (TargetInvocationException e) when (e.InnerException is JobDefinitionException reason)
        {
            throw new JobDefinitionException(reason.Message, reason);
        }
    }

    private static (Node Node, ImmutableArray<NamedExpr> Columns) OfLambda<T, TValue>(Node node, Expression<Func<T, TValue>> lambda) => Of(node, lambda);

    private static (Node Node, ImmutableArray<NamedExpr> Columns) OfDelegate<T, TValue>(Node node, Func<T, TValue> code) => Of(node, code);

    private static (Node Node, ImmutableArray<NamedExpr> Columns) Add<T, TValue>(Node node, Func<T, TValue> code, CodeIdentity identity)
    {
        string prefix = $"${node.Schema.Count}.";
        CodeNode computed = new(node, new ColumnsCode<T, TValue>(node.Schema, prefix, code, identity));
        return (computed, [.. RowShape<TValue>.Instance.Schema.Fields.Select(f => new NamedExpr(f.Name, Expr.Column(computed.Schema, prefix + f.Name)))]);
    }
}
