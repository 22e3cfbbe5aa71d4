using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>One of two values; only the one that is chosen is evaluated.</summary>
public sealed record ConditionalExpr : Expr
{
    internal ConditionalExpr(Expr test, Expr whenTrue, Expr whenFalse)
        : base(TypeRules.Conditional(test.Type, whenTrue.Type, whenFalse.Type), false, [test, whenTrue, whenFalse])
    {
        Test = test;
        WhenTrue = whenTrue;
        WhenFalse = whenFalse;
    }

    /// <summary>The boolean that chooses.</summary>
    public Expr Test { get; }

    /// <summary>The value where it is true.</summary>
    public Expr WhenTrue { get; }

    /// <summary>The value where it is false.</summary>
    public Expr WhenFalse { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [Test, WhenTrue, WhenFalse];
}
