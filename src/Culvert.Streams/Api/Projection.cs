using System.Collections.Immutable;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>Turns a lambda that makes an event of columns into the columns' expressions.</summary>
internal static class Projection
{
    /// <summary>The event's columns in its shape's order, or why its lambda has to run as code.</summary>
    internal static Outcome<ImmutableArray<NamedExpr>> Translate(Expression body, RowShape result, Func<Expression, Expr?> resolve, params ReadOnlySpan<RowScope> scopes)
    {
        foreach (RowScope scope in scopes)
        {
            if (scope.Same(body) && scope.Shape.Type == result.Type)
            {
                return scope.All();
            }
        }

        if (result.IsValue)
        {
            Outcome<Expr> value = ExpressionTranslator.Translate(body, resolve);
            return value.Succeeded ? ImmutableArray.Create(new NamedExpr(RowShape.ValueColumn, value.Value)) : value.Failure;
        }

        if (PlainConstruction.MembersOf(body, result) is not { } members)
        {
            return new Failure(FailureKind.Mismatch, $"`{body}` does more than to fill the members of {RowShapeReflection.NameOf(result.Type)}");
        }

        ImmutableArray<NamedExpr>.Builder columns = ImmutableArray.CreateBuilder<NamedExpr>(members.Length);
        for (int m = 0; m < members.Length; m++)
        {
            RowMember member = result.Members[m];
            Outcome<Expr> value = ExpressionTranslator.Translate(members[m] ?? Expression.Default(member.Type), resolve);
            if (!value.Succeeded)
            {
                return value.Failure;
            }

            columns.Add(new NamedExpr(member.ColumnName, value.Value));
        }

        return columns.MoveToImmutable();
    }
}
