using System.Linq.Expressions;
using System.Reflection;

namespace Culvert.Streams.Expressions;

/// <summary>
/// Turns a C# lambda into an <see cref="Expr"/> that gives the same value, or fails the row, for every row. What has no
/// counterpart is refused with a message that names it; the caller then runs the lambda as opaque code.
/// </summary>
public static class ExpressionTranslator
{
    /// <summary>
    /// Translates a lambda's body. <paramref name="resolve"/> is asked for every sub-expression before anything else: it
    /// maps the parameter's members to columns and returns null for all others.
    /// </summary>
    public static Outcome<Expr> Translate(LambdaExpression lambda, Func<Expression, Expr?> resolve) => Translate(lambda.Body, resolve);

    /// <summary>Translates an expression, as <see cref="Translate(LambdaExpression, Func{Expression, Expr})"/> does a lambda's body.</summary>
    public static Outcome<Expr> Translate(Expression body, Func<Expression, Expr?> resolve)
    {
        try
        {
            return new ExpressionVisit(resolve).Visit(body, 1);
        }
        catch (ExpressionVisit.UntranslatableException e)
        {
            return new Failure(FailureKind.Mismatch, e.Message);
        }
        catch (ExpressionTypeException e)
        {
            return new Failure(FailureKind.Mismatch, $"`{body}` is no expression: {e.Message}");
        }
    }

    /// <summary>The column type that holds values of a .NET type, or null; a reference type may be null, as may a <see cref="Nullable{T}"/>.</summary>
    public static ColumnType? TypeOf(Type type)
    {
        Type bare = System.Nullable.GetUnderlyingType(type) ?? type;
        return ColumnType.KindOf(bare) is { } kind ? new ColumnType(kind, bare != type || !type.IsValueType) : null;
    }

    /// <summary>
    /// Evaluates a sub-expression that depends on no row: a literal, a captured local, a static readonly field, and
    /// properties, constructors and factories of plain values over these. False when it depends on anything else (a static
    /// property such as DateTime.UtcNow, say).
    /// </summary>
    internal static bool TryEvaluate(Expression expression, out object? value)
    {
        value = null;
        switch (expression)
        {
            case ConstantExpression constant:
                value = constant.Value;
                return true;
            case DefaultExpression @default:
                value = @default.Type.IsValueType ? Activator.CreateInstance(@default.Type) : null;
                return true;
            case MemberExpression { Expression: null, Member: FieldInfo { IsStatic: true } field } when field.IsInitOnly || field.IsLiteral:
                value = field.GetValue(null);
                return true;
            case MemberExpression { Expression: { } owner } member when TryEvaluate(owner, out object? instance) && instance is not null:
                return TryRead(member.Member, instance, out value);
            case NewExpression { Constructor: { } constructor } created when IsPlainValue(created.Type):
                return TryEvaluateAll(created.Arguments, out object?[] parts) && TryCall(() => constructor.Invoke(parts), out value);
            case MethodCallExpression { Object: null } call when IsPlainValue(call.Method.DeclaringType!) && call.Method.ReturnType == call.Method.DeclaringType:
                return TryEvaluateAll(call.Arguments, out object?[] arguments) && TryCall(() => call.Method.Invoke(null, arguments), out value);
            default:
                return false;
        }
    }

    private static bool TryRead(MemberInfo member, object instance, out object? value)
    {
        value = null;
        return member switch
        {
            FieldInfo field => TryCall(() => field.GetValue(instance), out value),
            PropertyInfo property => TryCall(() => property.GetValue(instance), out value),
            _ => false,
        };
    }

    private static bool IsPlainValue(Type type) =>
        type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(TimeSpan) || type == typeof(decimal);

    private static bool TryEvaluateAll(System.Collections.ObjectModel.ReadOnlyCollection<Expression> expressions, out object?[] values)
    {
        values = new object?[expressions.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (!TryEvaluate(expressions[i], out values[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryCall(Func<object?> read, out object? value)
    {
        try
        {
            value = read();
            return true;
        }
        catch (TargetInvocationException)
        {
            value = null;
            return false;
        }
    }
}
