using System.Collections.Immutable;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>What a lambda's parameter stands for: an event whose members are columns of a node.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Shape">Its type's shape.</param>
/// <param name="Schema">The columns that expressions are over.</param>
/// <param name="Prefix">What the columns' names begin with there.</param>
internal sealed record RowScope(Expression Parameter, RowShape Shape, Schema Schema, string Prefix = "")
{
    /// <summary>The column that an expression is, or null when it is none.</summary>
    internal Expr? Resolve(Expression e)
    {
        RowMember? member = Shape.IsValue
            ? Same(e) ? Shape.Members[0] : null
            : e is MemberExpression { Expression: { } owner } access && Same(owner) ? Shape.Find(access.Member) : null;
        return member is null ? null : Expr.Column(Schema, Prefix + member.ColumnName);
    }

    /// <summary>The columns of all members, under their own names.</summary>
    internal ImmutableArray<NamedExpr> All() =>
        [.. Shape.Members.Select(m => new NamedExpr(m.ColumnName, Expr.Column(Schema, Prefix + m.ColumnName)))];

    internal bool Same(Expression e) =>
        e == Parameter || (e is MemberExpression { Expression: { } owner } access
            && Parameter is MemberExpression { Expression: { } ownOwner } own && access.Member == own.Member && owner == ownOwner);
}
