using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>A column of the input; the name is for people, the index counts.</summary>
public sealed record ColumnExpr : Expr
{
    /// <summary>More columns than any schema has; a canonical form with a larger index is refused.</summary>
    public const int IndexMax = 65_535;

    internal ColumnExpr(int index, string name, ColumnType type)
        : base(type, false, [])
    {
        if (index is < 0 or > IndexMax || !TypeRules.IsValueType(type))
        {
            throw new ExpressionTypeException($"no column can have index {index} and type {type}");
        }

        Index = index;
        Name = name;
    }

    /// <summary>The place in the schema, from 0.</summary>
    public int Index { get; }

    /// <summary>The name in the schema.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [];
}
