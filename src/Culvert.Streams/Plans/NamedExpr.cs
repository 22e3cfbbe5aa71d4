using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>A column and how it is computed from the columns of an input.</summary>
public sealed record NamedExpr(string Name, Expr Value)
{
    /// <summary>The field it makes.</summary>
    public Field Field => new(Name, Value.Type);
}
