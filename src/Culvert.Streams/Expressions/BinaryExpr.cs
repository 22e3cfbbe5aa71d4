using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>An operator applied to two operands.</summary>
public sealed record BinaryExpr : Expr
{
    internal BinaryExpr(BinaryOperator op, Expr left, Expr right)
        : base(TypeRules.Binary(op, left.Type, right.Type), TypeRules.CanFail(op, left.Type.Kind), [left, right])
    {
        Operator = op;
        Left = left;
        Right = right;
    }

    /// <summary>What is done.</summary>
    public BinaryOperator Operator { get; }

    /// <summary>The left operand, evaluated first.</summary>
    public Expr Left { get; }

    /// <summary>The right operand.</summary>
    public Expr Right { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [Left, Right];
}
