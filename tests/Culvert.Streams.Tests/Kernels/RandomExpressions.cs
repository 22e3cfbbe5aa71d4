using System.Linq.Expressions;

namespace Culvert.Streams.Tests.Kernels;

/// <summary>Random rows, and random C# expressions over them, from a seed.</summary>
public sealed class RandomExpressions(ulong seed)
{
    private static readonly string[] Texts = ["", "AA", "aa", " b ", "AAb", "Éß", "naïve", "\u2003x", "12", "-7", "1e3", "2008-05-01"];
    private static readonly double[] Doubles = [0, -0.0, 1, -1, 0.5, 2.5, 1e10, -1e300, 300.7, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue];
    private static readonly long[] Integers = [0, 1, -1, 2, 3, 7, 63, 100, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, uint.MaxValue];
    private static readonly DateTime[] Moments = [DateTime.MinValue, DateTime.MaxValue, new(2008, 2, 29, 23, 59, 59, DateTimeKind.Utc), new(2008, 2, 29, 23, 59, 59), new(1970, 1, 1)];
    private static readonly Type[] Types =
    [
        typeof(int), typeof(int?), typeof(long), typeof(long?), typeof(uint), typeof(ulong?), typeof(float), typeof(double),
        typeof(double?), typeof(decimal?), typeof(bool), typeof(bool?), typeof(string), typeof(DateTime), typeof(DateTime?), typeof(TimeSpan?),
    ];

    private readonly Random _random = new((int)(seed ^ (seed >> 32)));
    private readonly ParameterExpression _row = Expression.Parameter(typeof(Row), "r");

    public LambdaExpression Lambda()
    {
        Type type = Types[_random.Next(Types.Length)];
        return Expression.Lambda(Make(type, 4), _row);
    }

    public Row[] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => new Row
    {
        I = (int)Integer(),
        In = Maybe(() => (int)Integer()),
        L = Integer(),
        Ln = Maybe(Integer),
        U = (uint)Integer(),
        Xn = Maybe(() => (ulong)Integer()),
        B = (byte)Integer(),
        Hn = Maybe(() => (short)Integer()),
        F = (float)Pick(Doubles),
        D = Pick(Doubles),
        Dn = Maybe(() => Pick(Doubles)),
        Mn = Maybe(() => Pick<decimal>([0m, 1.5m, -2.25m, 100m, decimal.MaxValue])),
        P = Flip(),
        Pn = Maybe(Flip),
        S = Pick(Texts),
        Sn = Flip() ? null : Pick(Texts),
        T = Pick(Moments),
        Tn = Maybe(() => Pick(Moments)),
        Wn = Maybe(() => Pick<TimeSpan>([TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromSeconds(-90), TimeSpan.MaxValue])),
        E = (DayOfWeek)_random.Next(7),
    })];

    private T Pick<T>(T[] values) => values[_random.Next(values.Length)];

    private bool Flip() => _random.Next(2) == 0;

    private T? Maybe<T>(Func<T> value)
        where T : struct => _random.Next(4) == 0 ? null : value();

    private long Integer() => Flip() ? Pick(Integers) : _random.Next(-5, 10);

    private Expression Make(Type type, int depth)
    {
        if (depth == 0 || _random.Next(8) == 0)
        {
            return Leaf(type);
        }

        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        int choice = _random.Next(12);
        if (choice == 0)
        {
            return Expression.Condition(Make(typeof(bool), depth - 1), Make(type, depth - 1), Make(type, depth - 1));
        }

        if (choice == 1 && bare != type)
        {
            return Expression.Convert(Make(bare, depth - 1), type);
        }

        if (choice == 2 && bare == type && type.IsValueType)
        {
            Expression source = Make(typeof(Nullable<>).MakeGenericType(type), depth - 1);
            return Flip() ? Expression.Coalesce(source, Make(type, depth - 1)) : _random.Next(6) == 0 ? Expression.Property(source, "Value") : Expression.Coalesce(source, Leaf(type));
        }

        return bare == typeof(bool) ? Boolean(type, depth - 1)
            : bare == typeof(string) ? Text(depth - 1)
            : bare == typeof(DateTime) ? Expression.Add(Make(type, depth - 1), Constant(TimeSpan.FromHours(_random.Next(-2, 3)), type == bare ? typeof(TimeSpan) : typeof(TimeSpan?)))
            : bare == typeof(TimeSpan) ? Expression.Subtract(Make(Moment(type), depth - 1), Leaf(Moment(type)))
            : Number(type, bare, depth - 1);
    }

    private static Type Moment(Type span) => span == typeof(TimeSpan) ? typeof(DateTime) : typeof(DateTime?);

    private Expression Number(Type type, Type bare, int depth)
    {
        bool whole = bare == typeof(int) || bare == typeof(long) || bare == typeof(uint) || bare == typeof(ulong);

        // System.Linq.Expressions does not evaluate the right side of an operator that is a method (decimal's, DateTime's)
        // when the left is null; the C# compiler does, and so do kernels. A leaf cannot fail, so there they agree.
        bool isMethod = bare == typeof(decimal);
        Expression Operand() => Make(type, depth);
        Expression Right() => isMethod ? Leaf(type) : Operand();
        switch (_random.Next(whole ? 15 : 8))
        {
            case 0: return Expression.Add(Operand(), Right());
            case 1: return Expression.Subtract(Operand(), Right());
            case 2: return Expression.Multiply(Operand(), Right());
            case 3: return Expression.Divide(Operand(), Flip() ? Right() : Constant(Convert.ChangeType(3, bare, null), type));
            case 4: return Expression.Modulo(Operand(), Flip() ? Right() : Constant(Convert.ChangeType(3, bare, null), type));
            case 5: return Conversion(type, depth);
            case 6: return MathCall(type, bare, depth);
            case 7: return bare == typeof(uint) || bare == typeof(ulong) ? Operand() : Expression.Negate(Operand());
            case 8: return Expression.AddChecked(Operand(), Operand());
            case 9: return Expression.MultiplyChecked(Operand(), Constant(Convert.ChangeType(2, bare, null), type));
            case 10: return Expression.SubtractChecked(Operand(), Operand());
            case 11: return Expression.And(Operand(), Operand());
            case 12: return Expression.ExclusiveOr(Operand(), Expression.Not(Operand()));
            case 13: return Expression.LeftShift(Operand(), Make(type == bare ? typeof(int) : typeof(int?), depth));
            default: return Expression.RightShift(Operand(), Make(type == bare ? typeof(int) : typeof(int?), depth));
        }
    }

    private UnaryExpression Conversion(Type type, int depth)
    {
        Type[] numbers = [.. Types.Where(t => (Nullable.GetUnderlyingType(t) ?? t) is var b && (b.IsPrimitive || b == typeof(decimal)) && b != typeof(bool))];
        Expression source = Flip() ? Leaf(Pick<Type>([typeof(byte), typeof(short?)])) : Make(Pick(numbers), depth);
        return _random.Next(4) == 0 ? Expression.ConvertChecked(source, type) : Expression.Convert(source, type);
    }

    private Expression MathCall(Type type, Type bare, int depth)
    {
        if (type == typeof(int) && Flip())
        {
            Expression text = Make(typeof(string), depth);
            return Flip()
                ? Expression.Property(Expression.Coalesce(text, Expression.Constant("é")), nameof(string.Length))
                : Expression.Property(Make(typeof(DateTime), depth), Pick<string>(["Year", "Month", "Day", "Hour", "DayOfYear"]));
        }

        if (type != bare)
        {
            return Make(type, depth);
        }

        if (type == typeof(double) && Flip())
        {
            string name = Pick<string>([nameof(Math.Floor), nameof(Math.Ceiling), nameof(Math.Sqrt), nameof(Math.Round), nameof(Math.Truncate)]);
            return Expression.Call(typeof(Math).GetMethod(name, [typeof(double)])!, Make(type, depth));
        }

        return _random.Next(3) == 0 && bare != typeof(uint) && bare != typeof(ulong)
            ? Expression.Call(typeof(Math).GetMethod(nameof(Math.Abs), [bare])!, Make(type, depth))
            : Expression.Call(typeof(Math).GetMethod(Flip() ? nameof(Math.Min) : nameof(Math.Max), [bare, bare])!, Make(type, depth), Make(type, depth));
    }

    private Expression Boolean(Type type, int depth)
    {
        if (type == typeof(bool?))
        {
            return _random.Next(4) switch
            {
                0 => Expression.And(Make(type, depth), Make(type, depth)),
                1 => Expression.Or(Make(type, depth), Make(type, depth)),
                2 => Expression.ExclusiveOr(Make(type, depth), Make(type, depth)),
                _ => Expression.Not(Make(type, depth)),
            };
        }

        switch (_random.Next(10))
        {
            case 0: return Expression.AndAlso(Make(type, depth), Make(type, depth));
            case 1: return Expression.OrElse(Make(type, depth), Make(type, depth));
            case 2: return Expression.Not(Make(type, depth));
            case 3: return Expression.Equal(Make(typeof(string), depth), Flip() ? Expression.Constant(null, typeof(string)) : Make(typeof(string), depth));
            case 4: return Expression.Call(Make(typeof(string), depth), Pick<string>(["Contains", "StartsWith", "EndsWith"]), null, Expression.Constant(Pick(Texts)), Expression.Constant(StringComparison.Ordinal));
            case 5: return Expression.Call(typeof(string), nameof(string.IsNullOrEmpty), null, Make(typeof(string), depth));
            case 6: return Expression.Property(Make(Pick<Type>([typeof(int?), typeof(double?), typeof(bool?)]), depth), "HasValue");
            case 7: return Expression.Equal(Expression.Convert(Expression.Property(_row, nameof(Row.E)), typeof(int)), Expression.Constant(_random.Next(7)));
            default: return Comparison(depth);
        }
    }

    private BinaryExpression Comparison(int depth)
    {
        Type type = Pick([.. Types.Where(t => t != typeof(string))]);
        Expression left = Make(type, depth);
        bool isMethod = type == typeof(DateTime?) || type == typeof(TimeSpan?) || type == typeof(decimal?);
        Expression right = isMethod || Flip() ? Leaf(type) : Make(type, depth);
        if (type == typeof(bool) || type == typeof(bool?))
        {
            return Flip() ? Expression.Equal(left, right) : Expression.NotEqual(left, right);
        }

        return Expression.MakeBinary(
            Pick<ExpressionType>([ExpressionType.Equal, ExpressionType.NotEqual, ExpressionType.LessThan, ExpressionType.LessThanOrEqual, ExpressionType.GreaterThan, ExpressionType.GreaterThanOrEqual]),
            left,
            right);
    }

    private Expression Text(int depth)
    {
        Expression text = Make(typeof(string), depth);
        switch (_random.Next(6))
        {
            case 0: return Expression.Call(Expression.Coalesce(text, Expression.Constant("Q")), nameof(string.ToLowerInvariant), null);
            case 1: return Expression.Call(Expression.Coalesce(text, Expression.Constant("q")), nameof(string.ToUpperInvariant), null);
            case 2: return Expression.Call(text, nameof(string.Trim), null);
            case 3: return Expression.Call(typeof(string).GetMethod(nameof(string.Concat), [typeof(string), typeof(string)])!, text, Make(typeof(string), depth));
            case 4: return Expression.Coalesce(text, Make(typeof(string), depth));
            default: return Expression.Call(text, typeof(string).GetMethod(nameof(string.Substring), [typeof(int), typeof(int)])!, Expression.Constant(_random.Next(2)), Expression.Constant(_random.Next(2)));
        }
    }

    private Expression Leaf(Type type)
    {
        string[] names = [.. typeof(Row).GetProperties().Where(p => p.PropertyType == type).Select(p => p.Name)];
        if (names.Length > 0 && _random.Next(4) != 0)
        {
            return Expression.Property(_row, Pick(names));
        }

        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        object? value = bare == typeof(string) ? Pick(Texts)
            : bare == typeof(bool) ? Flip()
            : bare == typeof(DateTime) ? Pick(Moments)
            : bare == typeof(TimeSpan) ? TimeSpan.FromMinutes(_random.Next(100))
            : bare == typeof(double) ? Pick(Doubles)
            : Convert.ChangeType(_random.Next(0, 5), bare, null);
        return Constant(type != bare && _random.Next(5) == 0 ? null : value, type);
    }

    private static ConstantExpression Constant(object? value, Type type) => Expression.Constant(value, type);
}
