using System.Linq.Expressions;

namespace Culvert.Streams.Expressions;

/// <summary>One walk over a C# expression tree.</summary>
internal sealed class ExpressionVisit(Func<Expression, Expr?> resolve)
{
    internal Expr Visit(Expression e, int depth)
    {
        if (depth > Expr.DepthMax)
        {
            throw new UntranslatableException(e, "it is nested too deeply");
        }

        if (resolve(e) is { } resolved)
        {
            return resolved;
        }

        if (ExpressionTranslator.TryEvaluate(e, out object? value))
        {
            return Constant(e, value);
        }

        Expr Next(Expression child) => Visit(child, depth + 1);
        try
        {
            return e switch
            {
                UnaryExpression unary => VisitUnary(unary, Next),
                BinaryExpression binary => VisitBinary(binary, Next),
                System.Linq.Expressions.ConditionalExpression c => Expr.Conditional(Next(c.Test), Next(c.IfTrue), Next(c.IfFalse)),
                MemberExpression member => MemberTranslation.Member(member, Next),
                MethodCallExpression call => MemberTranslation.Call(call, Next),
                _ => throw new UntranslatableException(e, $"{e.NodeType} has no counterpart"),
            };
        }
        catch (ExpressionTypeException failure)
        {
            throw new UntranslatableException(e, failure.Message);
        }
    }

    /// <summary>A value that exists now, as a constant.</summary>
    internal static Expr Constant(Expression e, object? value)
    {
        ColumnType type = ExpressionTranslator.TypeOf(e.Type) ?? throw new UntranslatableException(e, $"{e.Type.Name} is not a type of a column");
        if (value is null)
        {
            return Expr.Constant(null, type);
        }

        ConstantExpr constant = Expr.Constant(value);
        return type.Nullable && e.Type.IsValueType ? Expr.Constant(constant.Value, type) : constant;
    }

    /// <summary>The value of something that C# would dereference: fails the row where it is null.</summary>
    internal static Expr Present(Expr e) => e.Type.Nullable ? Expr.Unary(UnaryOperator.Value, e) : e;

    private static Expr VisitUnary(UnaryExpression e, Func<Expression, Expr> next)
    {
        Expr operand = next(e.Operand);
        switch (e.NodeType)
        {
            case ExpressionType.Convert:
            case ExpressionType.ConvertChecked:
                return Convert(e, operand);
            case ExpressionType.Negate:
                return Expr.Unary(UnaryOperator.Negate, operand);
            case ExpressionType.NegateChecked:
                return Expr.Unary(operand.Type.IsInteger ? UnaryOperator.NegateChecked : UnaryOperator.Negate, operand);
            case ExpressionType.Not:
            case ExpressionType.OnesComplement:
                return Expr.Unary(operand.Type.Kind == ValueKind.Bool ? UnaryOperator.Not : UnaryOperator.BitNot, operand);
            case ExpressionType.UnaryPlus:
                return operand;
            default:
                throw new UntranslatableException(e, $"{e.NodeType} has no counterpart");
        }
    }

    private static Expr Convert(UnaryExpression e, Expr operand)
    {
        if (e.Method is { } method && method.DeclaringType != typeof(decimal))
        {
            throw new UntranslatableException(e, $"it converts by {method.DeclaringType?.Name}.{method.Name}");
        }

        ColumnType type = ExpressionTranslator.TypeOf(e.Type) ?? throw new UntranslatableException(e, $"{e.Type.Name} is not a type of a column");
        if (!type.Nullable || !e.Type.IsValueType)
        {
            operand = e.Type.IsValueType ? Present(operand) : operand;
            type = type with { Nullable = operand.Type.Nullable };
        }

        return operand is ConstantExpr { Value: var value } && type.Kind == operand.Type.Kind ? Expr.Constant(value, type)
            : operand.Type == type ? operand
            : Expr.Convert(operand, type, e.NodeType == ExpressionType.ConvertChecked);
    }

    private static Expr VisitBinary(BinaryExpression e, Func<Expression, Expr> next)
    {
        if (e.Conversion is not null)
        {
            throw new UntranslatableException(e, "it converts its left side by code");
        }

        if (e.NodeType is ExpressionType.Equal or ExpressionType.NotEqual && NullTest(e, next) is { } test)
        {
            return test;
        }

        if (e.NodeType == ExpressionType.Add && e.Type == typeof(string))
        {
            return MemberTranslation.Concat([e.Left, e.Right], next);
        }

        if (e.NodeType is ExpressionType.AndAlso or ExpressionType.OrElse && e.Method is not null)
        {
            throw new UntranslatableException(e, "it uses an operator of its own");
        }

        Expr left = next(e.Left);
        Expr right = next(e.Right);
        return Expr.Binary(Operator(e, left.Type.IsInteger), left, right);
    }

    private static CallExpr? NullTest(BinaryExpression e, Func<Expression, Expr> next)
    {
        Expression? operand = IsNull(e.Right) ? e.Left : IsNull(e.Left) ? e.Right : null;
        return operand is null ? null
            : Expr.Call(e.NodeType == ExpressionType.Equal ? Function.IsNull : Function.HasValue, next(operand));
    }

    private static bool IsNull(Expression e) =>
        e is ConstantExpression { Value: null }
        || (e is DefaultExpression d && (!d.Type.IsValueType || System.Nullable.GetUnderlyingType(d.Type) is not null))
        || (e is UnaryExpression { NodeType: ExpressionType.Convert } convert && IsNull(convert.Operand));

    private static BinaryOperator Operator(BinaryExpression e, bool isInteger) => e.NodeType switch
    {
        ExpressionType.Add => BinaryOperator.Add,
        ExpressionType.AddChecked => isInteger ? BinaryOperator.AddChecked : BinaryOperator.Add,
        ExpressionType.Subtract => BinaryOperator.Subtract,
        ExpressionType.SubtractChecked => isInteger ? BinaryOperator.SubtractChecked : BinaryOperator.Subtract,
        ExpressionType.Multiply => BinaryOperator.Multiply,
        ExpressionType.MultiplyChecked => isInteger ? BinaryOperator.MultiplyChecked : BinaryOperator.Multiply,
        ExpressionType.Divide => BinaryOperator.Divide,
        ExpressionType.Modulo => BinaryOperator.Modulo,
        ExpressionType.And => BinaryOperator.And,
        ExpressionType.Or => BinaryOperator.Or,
        ExpressionType.ExclusiveOr => BinaryOperator.Xor,
        ExpressionType.LeftShift => BinaryOperator.ShiftLeft,
        ExpressionType.RightShift => BinaryOperator.ShiftRight,
        ExpressionType.Equal when e.Left.Type != typeof(byte[]) => BinaryOperator.Equal,
        ExpressionType.NotEqual when e.Left.Type != typeof(byte[]) => BinaryOperator.NotEqual,
        ExpressionType.LessThan => BinaryOperator.LessThan,
        ExpressionType.LessThanOrEqual => BinaryOperator.LessThanOrEqual,
        ExpressionType.GreaterThan => BinaryOperator.GreaterThan,
        ExpressionType.GreaterThanOrEqual => BinaryOperator.GreaterThanOrEqual,
        ExpressionType.AndAlso => BinaryOperator.AndAlso,
        ExpressionType.OrElse => BinaryOperator.OrElse,
        ExpressionType.Coalesce => BinaryOperator.Coalesce,
        _ => throw new UntranslatableException(e, $"{e.NodeType} of {e.Left.Type.Name} has no counterpart"),
    };

    /// <summary>Part of an expression has no counterpart. Never leaves <see cref="ExpressionTranslator"/>.</summary>
    internal sealed class UntranslatableException(Expression part, string reason)
        : Exception($"`{part}` cannot be translated: {reason}");
}
