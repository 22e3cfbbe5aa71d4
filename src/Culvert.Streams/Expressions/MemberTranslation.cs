using System.Linq.Expressions;

namespace Culvert.Streams.Expressions;

/// <summary>The members and methods of .NET's types that have a counterpart.</summary>
internal static class MemberTranslation
{
    internal static Expr Member(MemberExpression e, Func<Expression, Expr> next)
    {
        if (e.Expression is not { } owner)
        {
            throw Refused(e, "a static member may change while the job runs");
        }

        string name = e.Member.Name;
        Type type = owner.Type;
        if (System.Nullable.GetUnderlyingType(type) is not null)
        {
            Expr operand = next(owner);
            return name == nameof(Nullable<int>.HasValue) ? Expr.Call(Function.HasValue, operand) : ExpressionVisit.Present(operand);
        }

        Function function = (name, type) switch
        {
            (nameof(string.Length), _) when type == typeof(string) => Function.Length,
            (nameof(DateTime.Date) or nameof(DateTime.TimeOfDay), _) when type == typeof(DateTime) => Enum.Parse<Function>(name),
            (nameof(DateTime.Ticks), _) when type == typeof(DateTime) || type == typeof(TimeSpan) => Function.Ticks,
            (nameof(DateTime.Year) or nameof(DateTime.Month) or nameof(DateTime.Day) or nameof(DateTime.Hour) or nameof(DateTime.Minute)
                or nameof(DateTime.Second) or nameof(DateTime.Millisecond) or nameof(DateTime.DayOfWeek) or nameof(DateTime.DayOfYear), _)
                when type == typeof(DateTime) || type == typeof(DateTimeOffset) => Enum.Parse<Function>(name),
            (nameof(TimeSpan.TotalDays) or nameof(TimeSpan.TotalHours) or nameof(TimeSpan.TotalMinutes)
                or nameof(TimeSpan.TotalSeconds) or nameof(TimeSpan.TotalMilliseconds), _)
                when type == typeof(TimeSpan) => Enum.Parse<Function>(name),
            _ => throw Refused(e, $"{type.Name}.{name} has no counterpart"),
        };
        return Expr.Call(function, ExpressionVisit.Present(next(owner)));
    }

    internal static Expr Call(MethodCallExpression e, Func<Expression, Expr> next)
    {
        Type type = e.Method.DeclaringType!;
        if (type == typeof(string))
        {
            return e.Object is null ? StaticText(e, next) : Text(e, next);
        }

        if (type == typeof(Math) || (type.IsPrimitive && e.Method.IsStatic))
        {
            return MathCall(e, next);
        }

        if (System.Nullable.GetUnderlyingType(type) is { } bare && e.Method.Name == "GetValueOrDefault")
        {
            Expr fallback = e.Arguments.Count == 1 ? next(e.Arguments[0]) : ExpressionVisit.Constant(Expression.Default(bare), Activator.CreateInstance(bare));
            return fallback.CanFail
                ? throw Refused(e, "its argument may fail, and is evaluated even where there is a value")
                : Expr.Binary(BinaryOperator.Coalesce, next(e.Object!), fallback);
        }

        if (e.Method.Name == nameof(Equals) && e.Object is { Type.IsPrimitive: true } left && e.Arguments is [{ } right] && right.Type == left.Type)
        {
            // x.Equals(y) of floating-point numbers holds for two NaNs, which == does not.
            return left.Type == typeof(double) || left.Type == typeof(float)
                ? throw Refused(e, "Equals of floating-point numbers is not ==")
                : Expr.Binary(BinaryOperator.Equal, next(left), next(right));
        }

        return (type.Name, e.Method.Name) switch
        {
            (nameof(DateTime), nameof(DateTime.Add)) or (nameof(TimeSpan), nameof(TimeSpan.Add)) =>
                Expr.Binary(BinaryOperator.Add, next(e.Object!), next(e.Arguments[0])),
            (nameof(DateTime), nameof(DateTime.Subtract)) or (nameof(TimeSpan), nameof(TimeSpan.Subtract)) =>
                Expr.Binary(BinaryOperator.Subtract, next(e.Object!), next(e.Arguments[0])),
            (nameof(DateTimeOffset), nameof(DateTimeOffset.ToUnixTimeSeconds)) => Expr.Call(Function.ToUnixSeconds, next(e.Object!)),
            (nameof(DateTimeOffset), nameof(DateTimeOffset.ToUnixTimeMilliseconds)) => Expr.Call(Function.ToUnixMilliseconds, next(e.Object!)),
            _ => throw Refused(e, $"{type.Name}.{e.Method.Name} has no counterpart"),
        };
    }

    /// <summary>C#'s +: null is the empty text.</summary>
    internal static Expr Concat(IReadOnlyList<Expression> parts, Func<Expression, Expr> next)
    {
        List<Expr> texts = [];
        foreach (Expression part in parts)
        {
            Expression bare = part is UnaryExpression { NodeType: ExpressionType.Convert } boxed && part.Type == typeof(object) ? boxed.Operand : part;
            Expr text = next(bare);
            text = text.Type.IsInteger && !bare.Type.IsEnum ? Expr.Call(Function.ToText, text)
                : text.Type.Kind == ValueKind.Text ? text
                : throw Refused(part, "only text and whole numbers can be joined");
            texts.Add(OrEmpty(text));
        }

        return Expr.Call(Function.Concat, [.. texts]);
    }

    private static Expr OrEmpty(Expr text) =>
        text.Type.Nullable ? Expr.Binary(BinaryOperator.Coalesce, text, Expr.Constant(string.Empty)) : text;

    private static Expr StaticText(MethodCallExpression e, Func<Expression, Expr> next)
    {
        switch (e.Method.Name)
        {
            case nameof(string.IsNullOrEmpty):
                return Expr.Binary(BinaryOperator.Equal, OrEmpty(next(e.Arguments[0])), Expr.Constant(string.Empty));
            case nameof(string.IsNullOrWhiteSpace):
                return Expr.Binary(BinaryOperator.Equal, Expr.Call(Function.Trim, OrEmpty(next(e.Arguments[0]))), Expr.Constant(string.Empty));
            case nameof(string.Concat) when e.Arguments is [NewArrayExpression array]:
                return Concat(array.Expressions, next);
            case nameof(string.Concat) when e.Arguments.All(a => a.Type == typeof(string) || a.Type == typeof(object)):
                return Concat(e.Arguments, next);
            case nameof(string.Equals) when e.Arguments.Count == 2 || IsOrdinal(e.Arguments[2]):
                return Expr.Binary(BinaryOperator.Equal, next(e.Arguments[0]), next(e.Arguments[1]));
            default:
                throw Refused(e, $"string.{e.Method.Name} has no counterpart in this form");
        }
    }

    private static Expr Text(MethodCallExpression e, Func<Expression, Expr> next)
    {
        string name = e.Method.Name;
        System.Collections.ObjectModel.ReadOnlyCollection<Expression> arguments = e.Arguments;
        bool oneText = arguments.Count > 0 && arguments[0].Type == typeof(string) && (arguments.Count == 1 || (arguments.Count == 2 && IsOrdinal(arguments[1])));
        Expr text = ExpressionVisit.Present(next(e.Object!));
        switch (name)
        {
            case nameof(string.Contains) when oneText:
                return Expr.Call(Function.Contains, text, ExpressionVisit.Present(next(arguments[0])));
            // Without a comparison StartsWith asks the culture; under the invariant one that Culvert sets, this differs
            // from ordinal for texts with ignorable characters only, and ordinal is what docs/semantics.md promises.
            case nameof(string.StartsWith) when oneText:
                return Expr.Call(Function.StartsWith, text, ExpressionVisit.Present(next(arguments[0])));
            case nameof(string.EndsWith) when oneText:
                return Expr.Call(Function.EndsWith, text, ExpressionVisit.Present(next(arguments[0])));
            case nameof(string.Equals) when oneText:
                return Expr.Binary(BinaryOperator.Equal, text, next(arguments[0]));
            case nameof(string.ToLower) or nameof(string.ToLowerInvariant) when arguments.Count == 0:
                return Expr.Call(Function.Lower, text);
            case nameof(string.ToUpper) or nameof(string.ToUpperInvariant) when arguments.Count == 0:
                return Expr.Call(Function.Upper, text);
            case nameof(string.Trim) when arguments.Count == 0:
                return Expr.Call(Function.Trim, text);
            case nameof(string.Substring):
                return Expr.Call(Function.Substring, [text, .. arguments.Select(next)]);
            default:
                throw Refused(e, $"string.{name} has no counterpart in this form");
        }
    }

    private static bool IsOrdinal(Expression e) =>
        ExpressionTranslator.TryEvaluate(e, out object? value) && value is StringComparison.Ordinal;

    private static CallExpr MathCall(MethodCallExpression e, Func<Expression, Expr> next)
    {
        Function? function = e.Method.Name switch
        {
            nameof(Math.Abs) => Function.Abs,
            nameof(Math.Min) => Function.Min,
            nameof(Math.Max) => Function.Max,
            nameof(Math.Floor) => Function.Floor,
            nameof(Math.Ceiling) => Function.Ceiling,
            nameof(Math.Round) when e.Arguments.All(a => a.Type != typeof(MidpointRounding)) => Function.Round,
            nameof(Math.Truncate) => Function.Truncate,
            nameof(Math.Sqrt) => Function.Sqrt,
            nameof(Math.Sign) => Function.Sign,
            nameof(Math.Pow) => Function.Pow,
            nameof(Math.Exp) => Function.Exp,
            nameof(Math.Log) when e.Arguments.Count == 1 => Function.Log,
            nameof(Math.Log10) => Function.Log10,
            nameof(double.IsNaN) => Function.IsNaN,
            _ => null,
        };
        return function is { } found
            ? Expr.Call(found, [.. e.Arguments.Select(next)])
            : throw Refused(e, $"{e.Method.DeclaringType!.Name}.{e.Method.Name} has no counterpart");
    }

    private static ExpressionVisit.UntranslatableException Refused(Expression e, string reason) => new(e, reason);
}
