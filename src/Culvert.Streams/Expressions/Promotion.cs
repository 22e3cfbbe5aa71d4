using System.Globalization;

namespace Culvert.Streams.Expressions;

/// <summary>How operands of job files' expressions come to have one kind: whole numbers are int64, others float64.</summary>
internal static class Promotion
{
    /// <summary>Builds a part; what does not fit is reported where <paramref name="at"/> stands.</summary>
    internal static Expr At(ExpressionToken at, Func<Expr> build)
    {
        try
        {
            return build();
        }
        catch (ExpressionTypeException e)
        {
            throw new ExpressionSyntaxException(at.Offset, e.Message);
        }
    }

    /// <summary>A bool that may be null as one that is false instead.</summary>
    internal static Expr Condition(Expr test) =>
        test.Type.Nullable ? Expr.Binary(BinaryOperator.Coalesce, test, Expr.Constant(false)) : test;

    internal static Expr Logic(ExpressionToken op, BinaryOperator logic, Expr left, Expr right) => At(op, () => Expr.Binary(logic, left, right));

    internal static Expr Add(ExpressionToken op, Expr left, Expr right)
    {
        bool text = left.Type.Kind == ValueKind.Text || right.Type.Kind == ValueKind.Text;
        return text && IsJoinable(left) && IsJoinable(right)
            ? At(op, () => Expr.Call(Function.Concat, Joined(left), Joined(right)))
            : Arithmetic(op, BinaryOperator.Add, left, right);
    }

    internal static Expr Arithmetic(ExpressionToken op, BinaryOperator plain, Expr left, Expr right)
    {
        if (left.Type.IsNumeric && right.Type.IsNumeric)
        {
            (left, right) = Numbers(op, Wide(left), Wide(right));
            if (left.Type.IsInteger)
            {
                plain = plain switch
                {
                    BinaryOperator.Add => BinaryOperator.AddChecked,
                    BinaryOperator.Subtract => BinaryOperator.SubtractChecked,
                    BinaryOperator.Multiply => BinaryOperator.MultiplyChecked,
                    _ => plain,
                };
            }
        }

        return At(op, () => Expr.Binary(plain, left, right));
    }

    internal static Expr Negate(ExpressionToken op, Expr operand)
    {
        operand = Wide(operand);
        return operand is ConstantExpr { Value: double value }
            ? Expr.Constant(-value)
            : At(op, () => Expr.Unary(operand.Type.IsInteger ? UnaryOperator.NegateChecked : UnaryOperator.Negate, operand));
    }

    internal static Expr Compare(ExpressionToken op, BinaryOperator comparison, Expr left, Expr right, Expr @null)
    {
        if (ReferenceEquals(left, @null) || ReferenceEquals(right, @null))
        {
            Expr other = ReferenceEquals(left, @null) ? right : left;
            return ReferenceEquals(other, @null) || comparison is not (BinaryOperator.Equal or BinaryOperator.NotEqual)
                ? throw new ExpressionSyntaxException(op.Offset, $"'{op.Text}' does not apply to null; use 'is null'")
                : Expr.Call(comparison == BinaryOperator.Equal ? Function.IsNull : Function.HasValue, other);
        }

        (left, right) = Same(op, left, right);
        return At(op, () => Expr.Binary(comparison, left, right));
    }

    internal static Expr Coalesce(ExpressionToken op, Expr left, Expr right, Expr @null)
    {
        if (ReferenceEquals(right, @null))
        {
            return left;
        }

        (left, right) = Same(op, left, right);
        return At(op, () => Expr.Binary(BinaryOperator.Coalesce, left, right));
    }

    internal static Expr Choice(ExpressionToken at, Expr test, Expr whenTrue, Expr whenFalse, Expr @null)
    {
        if (ReferenceEquals(whenTrue, @null) && !ReferenceEquals(whenFalse, @null))
        {
            whenTrue = Expr.Constant(null, whenFalse.Type.AsNullable());
        }
        else if (ReferenceEquals(whenFalse, @null) && !ReferenceEquals(whenTrue, @null))
        {
            whenFalse = Expr.Constant(null, whenTrue.Type.AsNullable());
        }

        (whenTrue, whenFalse) = Same(at, whenTrue, whenFalse);
        return At(at, () => Expr.Conditional(test, whenTrue, whenFalse));
    }

    /// <summary>A number as int64 or float64 (decimals stay).</summary>
    internal static Expr Wide(Expr e) =>
        e.Type.IsInteger ? As(e, ValueKind.Int64) : e.Type.Kind == ValueKind.Float32 ? As(e, ValueKind.Float64) : e;

    /// <summary>A number as another kind; fails the row where it does not fit.</summary>
    internal static Expr As(Expr e, ValueKind kind)
    {
        if (e.Type.Kind == kind)
        {
            return e;
        }

        if (e is ConstantExpr { Value: long whole } && kind is ValueKind.Float64 or ValueKind.Decimal)
        {
            return kind == ValueKind.Float64 ? Expr.Constant((double)whole) : Expr.Constant((decimal)whole);
        }

        return Expr.Convert(e, e.Type with { Kind = kind }, isChecked: true);
    }

    /// <summary>Two operands as one kind, where there is one; else they are left for the operator to refuse.</summary>
    internal static (Expr Left, Expr Right) Same(ExpressionToken op, Expr left, Expr right) =>
        left.Type.Kind != right.Type.Kind && left.Type.IsNumeric && right.Type.IsNumeric
            ? Numbers(op, Wide(left), Wide(right))
            : (left, right);

    private static (Expr Left, Expr Right) Numbers(ExpressionToken op, Expr left, Expr right)
    {
        if (left.Type.Kind == right.Type.Kind)
        {
            return (left, right);
        }

        if (left.Type.Kind == ValueKind.Decimal || right.Type.Kind == ValueKind.Decimal)
        {
            return (Exact(op, left, right), Exact(op, right, left));
        }

        return (As(left, ValueKind.Float64), As(right, ValueKind.Float64));
    }

    /// <summary>A whole number, or a written-out one, as a decimal.</summary>
    private static Expr Exact(ExpressionToken op, Expr e, Expr other) => e switch
    {
        { Type.Kind: ValueKind.Decimal } => e,
        ConstantExpr { Value: double value } when decimal.TryParse(value.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact) => Expr.Constant(exact),
        { Type.IsInteger: true } => As(e, ValueKind.Decimal),
        _ => throw new ExpressionSyntaxException(op.Offset, $"'{op.Text}' does not apply to {e.Type} and {other.Type}: convert one with decimal(...) or float64(...)"),
    };

    private static bool IsJoinable(Expr e) => e.Type.Kind == ValueKind.Text || e.Type.IsInteger;

    private static Expr Joined(Expr e)
    {
        Expr text = e.Type.IsInteger ? Expr.Call(Function.ToText, e) : e;
        return text.Type.Nullable ? Expr.Binary(BinaryOperator.Coalesce, text, Expr.Constant(string.Empty)) : text;
    }
}
