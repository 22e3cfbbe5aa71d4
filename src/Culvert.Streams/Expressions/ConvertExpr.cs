using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>A value as another type. Null stays null.</summary>
public sealed record ConvertExpr : Expr
{
    internal ConvertExpr(Expr operand, ColumnType type, bool isChecked)
        : base(TypeRules.Convert(operand.Type, type), TypeRules.ConversionCanFail(operand.Type.Kind, type.Kind, isChecked), [operand])
    {
        Operand = operand;
        IsChecked = isChecked;
    }

    /// <summary>What is converted.</summary>
    public Expr Operand { get; }

    /// <summary>Whether a value that does not fit fails the row; else whole numbers lose their high bits, and floating-point ones saturate.</summary>
    public bool IsChecked { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => [Operand];
}
