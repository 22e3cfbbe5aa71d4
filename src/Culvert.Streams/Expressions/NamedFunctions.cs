namespace Culvert.Streams.Expressions;

/// <summary>Function calls of job files, by name in any case, with or without underscores.</summary>
internal static class NamedFunctions
{
    private static readonly Dictionary<string, Function> ByName = MakeNames();

    internal static Expr Call(ExpressionToken name, List<Expr> arguments)
    {
        string key = Key(name.Text);
        if (key == "datetime")
        {
            return Moment(name, arguments);
        }

        if (ColumnType.TryParse(key, out ColumnType type) && type is { IsNumeric: true, Nullable: false })
        {
            return arguments is [{ Type.IsNumeric: true } number]
                ? Promotion.As(number, type.Kind)
                : throw Error(name, $"{name.Text} takes one number" + (arguments is [{ Type.Kind: ValueKind.Text }] ? "; parseInteger and parseNumber read text" : string.Empty));
        }

        if (!ByName.TryGetValue(key, out Function function))
        {
            string? near = NearestName.Of(key, ByName.Keys.Concat(["if", "coalesce", "datetime"]));
            throw Error(name, $"there is no function '{name.Text}'" + (near is null ? string.Empty : $"; did you mean '{near}'?"));
        }

        if (function == Function.Truncate && arguments.Count == 2)
        {
            function = Function.TruncateTo;
        }

        return Promotion.At(name, () => Expr.Call(function, [.. Fit(name, function, arguments)]));
    }

    /// <summary>Arguments as the kinds that the function takes, where a number only has to be widened.</summary>
    private static List<Expr> Fit(ExpressionToken name, Function function, List<Expr> arguments)
    {
        switch (function)
        {
            case Function.Min or Function.Max when arguments.Count == 2:
                (Expr left, Expr right) = Promotion.Same(name, Promotion.Wide(arguments[0]), Promotion.Wide(arguments[1]));
                return [left, right];
            case Function.Abs or Function.Sign:
                return [.. arguments.Select(Promotion.Wide)];
            case Function.Round or Function.Floor or Function.Ceiling or Function.Truncate when arguments.Count > 0:
                Expr first = arguments[0].Type.IsInteger || arguments[0].Type.Kind == ValueKind.Float32 ? Promotion.As(arguments[0], ValueKind.Float64) : arguments[0];
                return [first, .. arguments.Skip(1).Select(Narrow)];
            case Function.Sqrt or Function.Pow or Function.Exp or Function.Log or Function.Log10:
                return [.. arguments.Select(a => a.Type.IsNumeric ? Promotion.As(a, ValueKind.Float64) : a)];
            case Function.Substring:
                return [.. arguments.Take(1), .. arguments.Skip(1).Select(Narrow)];
            case Function.FromUnixSeconds or Function.FromUnixMilliseconds:
                return [.. arguments.Select(a => a.Type.IsInteger ? Promotion.As(a, ValueKind.Int64) : a)];
            default:
                return arguments;
        }
    }

    private static Expr Narrow(Expr e) =>
        e is ConstantExpr { Value: long whole } && whole == (int)whole ? Expr.Constant((int)whole)
        : e.Type.IsInteger ? Promotion.As(e, ValueKind.Int32) : e;

    private static Expr Moment(ExpressionToken name, List<Expr> arguments)
    {
        if (arguments is [ConstantExpr { Value: string text }])
        {
            return MomentText.TryParse(text, out DateTime moment)
                ? Expr.Constant(moment)
                : throw Error(name, $"'{text}' is no moment: write '2008-05-01' or '2008-05-01T13:30:00'");
        }

        return arguments is [{ Type.Kind: ValueKind.Text } column]
            ? Expr.Call(Function.ParseDateTime, column)
            : throw Error(name, "datetime takes one text");
    }

    private static Dictionary<string, Function> MakeNames()
    {
        Dictionary<string, Function> names = Enum.GetValues<Function>().ToDictionary(f => Key(f.ToString()), StringComparer.Ordinal);
        names["ceil"] = Function.Ceiling;
        names["len"] = Function.Length;
        return names;
    }

    private static string Key(string name) => name.Replace("_", string.Empty, StringComparison.Ordinal).ToLowerInvariant();

    private static ExpressionSyntaxException Error(ExpressionToken at, string message) => new(at.Offset, message);
}
