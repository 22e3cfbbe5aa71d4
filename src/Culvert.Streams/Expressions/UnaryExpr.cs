using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>An operator applied to one operand.</summary>
public sealed record UnaryExpr : Expr
{
    internal UnaryExpr(UnaryOperator op, Expr operand)
        : base(TypeRules.Unary(op, operand.Type), op is UnaryOperator.NegateChecked or UnaryOperator.Value || operand.Type.Kind == ValueKind.TimeSpan, [operand])
    {
        Operator = op;
        Operand = operand;
    }

    /// <summary>What is done.</summary>
    public UnaryOperator Operator { get; }

    /// <summary>To what.</summary>
    public Expr Operand { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [Operand];
}
