using System.Globalization;

namespace Culvert.Streams.Expressions;

/// <summary>The grammar of docs/expressions.md, by recursive descent.</summary>
internal sealed class ExpressionGrammar(List<ExpressionToken> tokens, Schema schema)
{
    /// <summary>Levels of parentheses and prefix operators; the tree has its own limit.</summary>
    private const int NestingMax = 200;

    /// <summary>The word null, until an operator gives it a type.</summary>
    private static readonly Expr Null = Expr.Constant(null, new ColumnType(ValueKind.Bool, true));

    private int _at;
    private int _nesting;

    private ExpressionToken Current => tokens[_at];

    internal Expr ParseAll(ColumnType? expected)
    {
        Expr expr = Choice();
        if (Current.Kind != TokenKind.End)
        {
            throw Error(Current, $"expected an operator or the end, found {Current.Describe()}");
        }

        return expected is { } type ? Fit(expr, type) : Typed(expr, tokens[0]);
    }

    private static Expr Fit(Expr expr, ColumnType type)
    {
        if (ReferenceEquals(expr, Null))
        {
            return type.Nullable ? Expr.Constant(null, type) : throw new ExpressionSyntaxException(0, $"expected {type}, found null");
        }

        if (type == new ColumnType(ValueKind.Bool) && expr.Type.Kind == ValueKind.Bool)
        {
            return Promotion.Condition(expr);
        }

        if (expr.Type == type || (type.Nullable && expr.Type == type with { Nullable = false }))
        {
            return expr.Type == type ? expr : Expr.Convert(expr, type);
        }

        throw new ExpressionSyntaxException(0, $"expected {type}, but the expression is {expr.Type}");
    }

    private Expr Choice()
    {
        Enter();
        ExpressionToken start = Current;
        Expr test = Coalesce();
        if (Take("?"))
        {
            Expr whenTrue = Choice();
            Expect(":");
            test = Promotion.Choice(start, Condition(test, start), whenTrue, Choice(), Null);
        }

        _nesting--;
        return test;
    }

    private Expr Coalesce()
    {
        Expr left = Or();
        ExpressionToken op = Current;
        if (Take("??"))
        {
            Enter();
            left = Promotion.Coalesce(op, Typed(left, op), Coalesce(), Null);
            _nesting--;
        }

        return left;
    }

    private Expr Or()
    {
        Expr left = And();
        for (ExpressionToken op = Current; Take("or") || Take("||"); op = Current)
        {
            left = Promotion.Logic(op, BinaryOperator.OrElse, left, And());
        }

        return left;
    }

    private Expr And()
    {
        Expr left = Not();
        for (ExpressionToken op = Current; Take("and") || Take("&&"); op = Current)
        {
            left = Promotion.Logic(op, BinaryOperator.AndAlso, left, Not());
        }

        return left;
    }

    private Expr Not()
    {
        ExpressionToken op = Current;
        if (!Take("not"))
        {
            return Comparison();
        }

        Enter();
        Expr operand = Not();
        _nesting--;
        return Promotion.At(op, () => Expr.Unary(UnaryOperator.Not, operand));
    }

    private Expr Comparison()
    {
        Expr left = Sum();
        ExpressionToken op = Current;
        if (Take("is"))
        {
            bool isNot = Take("not");
            Expect("null");
            return Expr.Call(isNot ? Function.HasValue : Function.IsNull, Typed(left, op));
        }

        bool negated = op.Is("not") && (tokens[_at + 1].Is("in") || tokens[_at + 1].Is("between")) && Take("not");
        if (Take("in"))
        {
            return Negate(In(op, left), negated);
        }

        if (Take("between"))
        {
            Expr low = Sum();
            Expect("and");
            Expr high = Sum();
            return Negate(
                Expr.Binary(
                    BinaryOperator.AndAlso,
                    Promotion.Compare(op, BinaryOperator.GreaterThanOrEqual, left, low, Null),
                    Promotion.Compare(op, BinaryOperator.LessThanOrEqual, left, high, Null)),
                negated);
        }

        BinaryOperator? found = op.Kind != TokenKind.Symbol ? null : op.Text switch
        {
            "==" or "=" => BinaryOperator.Equal,
            "!=" or "<>" => BinaryOperator.NotEqual,
            "<" => BinaryOperator.LessThan,
            "<=" => BinaryOperator.LessThanOrEqual,
            ">" => BinaryOperator.GreaterThan,
            ">=" => BinaryOperator.GreaterThanOrEqual,
            _ => null,
        };
        if (found is not { } comparison)
        {
            return left;
        }

        _at++;
        return Promotion.Compare(op, comparison, left, Sum(), Null);
    }

    private Expr In(ExpressionToken op, Expr left)
    {
        Expect("(");
        List<Expr> tests = [];
        do
        {
            tests.Add(Promotion.Compare(op, BinaryOperator.Equal, left, Choice(), Null));
        }
        while (Take(","));
        Expect(")");
        return Promotion.At(op, () => Balanced(tests, 0, tests.Count));
    }

    /// <summary>A list joined as a tree of little depth, so that a long one is within the limit.</summary>
    private static Expr Balanced(List<Expr> tests, int start, int count) => count == 1
        ? tests[start]
        : Expr.Binary(BinaryOperator.OrElse, Balanced(tests, start, count / 2), Balanced(tests, start + (count / 2), count - (count / 2)));

    private static Expr Negate(Expr expr, bool negated) => negated ? Expr.Unary(UnaryOperator.Not, expr) : expr;

    private Expr Sum()
    {
        Expr left = Product();
        while (true)
        {
            ExpressionToken op = Current;
            if (Take("+"))
            {
                left = Promotion.Add(op, Typed(left, op), Typed(Product(), op));
            }
            else if (Take("-"))
            {
                left = Promotion.Arithmetic(op, BinaryOperator.Subtract, Typed(left, op), Typed(Product(), op));
            }
            else
            {
                return left;
            }
        }
    }

    private Expr Product()
    {
        Expr left = Prefix();
        while (true)
        {
            ExpressionToken op = Current;
            BinaryOperator? found = Take("*") ? BinaryOperator.Multiply : Take("/") ? BinaryOperator.Divide : Take("%") ? BinaryOperator.Modulo : null;
            if (found is not { } product)
            {
                return left;
            }

            left = Promotion.Arithmetic(op, product, Typed(left, op), Typed(Prefix(), op));
        }
    }

    private Expr Prefix()
    {
        ExpressionToken op = Current;
        if (Take("-"))
        {
            if (Current.Kind == TokenKind.Integer)
            {
                return Integer("-");
            }

            Enter();
            Expr operand = Typed(Prefix(), op);
            _nesting--;
            return Promotion.Negate(op, operand);
        }

        if (Take("!") || Take("+"))
        {
            Enter();
            Expr operand = Prefix();
            _nesting--;
            return op.Text == "+"
                ? operand.Type.IsNumeric ? operand : throw Error(op, $"'+' does not apply to {operand.Type}")
                : Promotion.At(op, () => Expr.Unary(UnaryOperator.Not, Typed(operand, op)));
        }

        return Primary();
    }

    private Expr Primary()
    {
        ExpressionToken token = Current;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return Integer(string.Empty);
            case TokenKind.Number or TokenKind.Duration:
                _at++;
                return Expr.Constant(token.Value!);
            case TokenKind.Text:
                _at++;
                return Promotion.At(token, () => Expr.Constant(token.Value!));
            case TokenKind.QuotedName:
                _at++;
                return Column(token);
            case TokenKind.Name when tokens[_at + 1].Is("("):
                return Call(token);
            case TokenKind.Name when token.Is("true") || token.Is("false"):
                _at++;
                return Expr.Constant(token.Is("true"));
            case TokenKind.Name when token.Is("null"):
                _at++;
                return Null;
            case TokenKind.Name:
                _at++;
                return Column(token);
            case TokenKind.Symbol when Take("("):
                Expr inner = Choice();
                Expect(")");
                return inner;
            default:
                throw Error(token, $"expected a value, a column or '(', found {token.Describe()}");
        }
    }

    private ConstantExpr Integer(string sign)
    {
        ExpressionToken token = Current;
        _at++;
        return long.TryParse(sign + token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? Expr.Constant(value)
            : throw Error(token, $"{sign}{token.Text} does not fit int64");
    }

    private ColumnExpr Column(ExpressionToken token)
    {
        int index = schema.IndexOf(token.Text);
        if (index >= 0)
        {
            return Expr.Column(index, token.Text, schema[index].Type);
        }

        string? near = NearestName.Of(token.Text, schema.Fields.Select(f => f.Name));
        throw Error(token, $"there is no column '{token.Text}'" + (near is null ? string.Empty : $"; did you mean '{near}'?"));
    }

    private Expr Call(ExpressionToken name)
    {
        _at += 2;
        List<Expr> arguments = [];
        if (!Take(")"))
        {
            do
            {
                ExpressionToken start = Current;
                Expr argument = Choice();
                arguments.Add(name.Is("if") || name.Is("coalesce") ? argument : Typed(argument, start));
            }
            while (Take(","));
            Expect(")");
        }

        if (name.Is("if"))
        {
            return arguments.Count == 3
                ? Promotion.Choice(name, Condition(arguments[0], name), arguments[1], arguments[2], Null)
                : throw Error(name, $"if takes a condition and two values, not {arguments.Count} arguments");
        }

        if (name.Is("coalesce"))
        {
            return arguments.Count >= 2
                ? arguments.Skip(1).Aggregate(arguments[0], (left, right) => Promotion.Coalesce(name, Typed(left, name), right, Null))
                : throw Error(name, "coalesce takes at least two values");
        }

        return NamedFunctions.Call(name, arguments);
    }

    private static Expr Condition(Expr test, ExpressionToken at) =>
        test.Type.Kind == ValueKind.Bool ? Promotion.Condition(test) : throw Error(at, $"a condition is bool, not {test.Type}");

    private static Expr Typed(Expr expr, ExpressionToken at) =>
        ReferenceEquals(expr, Null) ? throw Error(at, "null has no type here") : expr;

    private bool Take(string symbolOrWord)
    {
        bool found = Current.Is(symbolOrWord);
        _at += found ? 1 : 0;
        return found;
    }

    private void Expect(string symbolOrWord)
    {
        if (!Take(symbolOrWord))
        {
            throw Error(Current, $"expected '{symbolOrWord}', found {Current.Describe()}");
        }
    }

    private void Enter()
    {
        if (++_nesting > NestingMax)
        {
            throw Error(Current, $"more than {NestingMax} levels");
        }
    }

    private static ExpressionSyntaxException Error(ExpressionToken at, string message) => new(at.Offset, message);
}
