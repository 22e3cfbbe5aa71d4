using System.Diagnostics;
using System.Numerics;
using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>Nodes for the closed set of functions.</summary>
internal static class FunctionCompiler
{
    internal static KernelNode Compile(CallExpr e, Func<Expr, KernelNode> inner)
    {
        Expr first = e.Arguments[0];
        return e.Function switch
        {
            Function.IsNull => new NullTestNode(inner(first), whenMissing: true),
            Function.HasValue => new NullTestNode(inner(first), whenMissing: false),
            >= Function.Abs and <= Function.IsNaN => first.Type.Kind switch
            {
                ValueKind.Int32 => Number<int>(e, inner),
                ValueKind.UInt32 => Number<uint>(e, inner),
                ValueKind.Int64 => Number<long>(e, inner),
                ValueKind.UInt64 => Number<ulong>(e, inner),
                ValueKind.Float32 => Number<float>(e, inner),
                ValueKind.Float64 => Number<double>(e, inner),
                _ => Number<decimal>(e, inner),
            },
            >= Function.Length and <= Function.ToText => Text(e, inner),
            >= Function.Year and <= Function.DayOfYear => first.Type.Kind == ValueKind.DateTime ? Part(e, inner(first)) : OffsetPart(e, inner(first)),
            Function.ParseInteger => new ParseNode<long, IntegerParser>(e.Type, inner(first)),
            Function.ParseNumber => new ParseNode<double, NumberParser>(e.Type, inner(first)),
            Function.ParseDateTime => new ParseNode<DateTime, DateTimeParser>(e.Type, inner(first)),
            _ => Time(e, inner),
        };
    }

    private static MapNode<TIn, TOut, TMap> One<TIn, TOut, TMap>(CallExpr e, KernelNode operand, bool canFail = false)
        where TIn : unmanaged
        where TOut : unmanaged
        where TMap : struct, IMap<TIn, TOut> => new(e.Type, operand, KernelCompiler.Site(e, canFail));

    private static KernelNode Number<T>(CallExpr e, Func<Expr, KernelNode> inner)
        where T : unmanaged, INumber<T>
    {
        bool canFail = FunctionRules.CanFail(e.Function, e.Arguments.AsSpan());
        Expr first = e.Arguments[0];
        switch (e.Function)
        {
            case Function.Abs:
                return One<T, T, Absolute<T>>(e, inner(first), canFail);
            case Function.Min:
                return KernelCompiler.Two<T, T, T, Smaller<T>>(e, first, e.Arguments[1], canFail, inner);
            case Function.Max:
                return KernelCompiler.Two<T, T, T, Larger<T>>(e, first, e.Arguments[1], canFail, inner);
            case Function.Sign:
                return One<T, int, SignOf<T>>(e, inner(first), canFail);
            case Function.IsNaN:
                return new NanNode<T>(inner(first));
            default:
                return first.Type.Kind == ValueKind.Decimal ? Decimal(e, inner, canFail) : Double(e, inner, canFail);
        }
    }

    private static KernelNode Double(CallExpr e, Func<Expr, KernelNode> inner, bool canFail)
    {
        KernelNode x = inner(e.Arguments[0]);
        return e.Function switch
        {
            Function.Floor => One<double, double, FloorOf<double>>(e, x),
            Function.Ceiling => One<double, double, CeilingOf<double>>(e, x),
            Function.Truncate => One<double, double, TruncateOf<double>>(e, x),
            Function.Round when e.Arguments.Length == 2 => KernelCompiler.Two<double, int, double, RoundDigits>(e, e.Arguments[0], e.Arguments[1], canFail, inner),
            Function.Round => One<double, double, RoundOf<double>>(e, x),
            Function.Sqrt => One<double, double, SquareRoot>(e, x),
            Function.Exp => One<double, double, Exponential>(e, x),
            Function.Log => One<double, double, Logarithm>(e, x),
            Function.Log10 => One<double, double, Logarithm10>(e, x),
            Function.Pow => KernelCompiler.Two<double, double, double, Power>(e, e.Arguments[0], e.Arguments[1], canFail, inner),
            _ => throw new UnreachableException(),
        };
    }

    private static KernelNode Decimal(CallExpr e, Func<Expr, KernelNode> inner, bool canFail)
    {
        KernelNode x = inner(e.Arguments[0]);
        return e.Function switch
        {
            Function.Floor => One<decimal, decimal, FloorOf<decimal>>(e, x),
            Function.Ceiling => One<decimal, decimal, CeilingOf<decimal>>(e, x),
            Function.Truncate => One<decimal, decimal, TruncateOf<decimal>>(e, x),
            Function.Round when e.Arguments.Length == 2 => KernelCompiler.Two<decimal, int, decimal, RoundDecimalDigits>(e, e.Arguments[0], e.Arguments[1], canFail, inner),
            _ => One<decimal, decimal, RoundOf<decimal>>(e, x),
        };
    }

    private static KernelNode Text(CallExpr e, Func<Expr, KernelNode> inner)
    {
        KernelNode[] arguments = [.. e.Arguments.Select(inner)];
        return e.Function switch
        {
            Function.Length => new TextLengthNode(e.Type, arguments[0]),
            Function.StartsWith => new TextTestNode(TextTest.StartsWith, arguments[0], arguments[1]),
            Function.EndsWith => new TextTestNode(TextTest.EndsWith, arguments[0], arguments[1]),
            Function.Contains => new TextTestNode(TextTest.Contains, arguments[0], arguments[1]),
            Function.Substring => new SubstringNode(e.Type, arguments[0], arguments[1], arguments.Length == 3 ? arguments[2] : null, new FailureSite(e)),
            Function.Concat => new ConcatNode(e.Type, arguments),
            Function.ToText => e.Arguments[0].Type.Kind switch
            {
                ValueKind.Int8 => new ToTextNode<sbyte>(e.Type, arguments[0]),
                ValueKind.UInt8 => new ToTextNode<byte>(e.Type, arguments[0]),
                ValueKind.Int16 => new ToTextNode<short>(e.Type, arguments[0]),
                ValueKind.UInt16 => new ToTextNode<ushort>(e.Type, arguments[0]),
                ValueKind.Int32 => new ToTextNode<int>(e.Type, arguments[0]),
                ValueKind.UInt32 => new ToTextNode<uint>(e.Type, arguments[0]),
                ValueKind.Int64 => new ToTextNode<long>(e.Type, arguments[0]),
                _ => new ToTextNode<ulong>(e.Type, arguments[0]),
            },
            _ => new TextMapNode(e.Type, e.Function, arguments[0]),
        };
    }

    private static KernelNode Part(CallExpr e, KernelNode x) => e.Function switch
    {
        Function.Year => One<DateTime, int, YearOf>(e, x),
        Function.Month => One<DateTime, int, MonthOf>(e, x),
        Function.Day => One<DateTime, int, DayOf>(e, x),
        Function.Hour => One<DateTime, int, HourOf>(e, x),
        Function.Minute => One<DateTime, int, MinuteOf>(e, x),
        Function.Second => One<DateTime, int, SecondOf>(e, x),
        Function.Millisecond => One<DateTime, int, MillisecondOf>(e, x),
        Function.DayOfWeek => One<DateTime, int, DayOfWeekOf>(e, x),
        _ => One<DateTime, int, DayOfYearOf>(e, x),
    };

    private static KernelNode OffsetPart(CallExpr e, KernelNode x) => e.Function switch
    {
        Function.Year => One<DateTimeOffset, int, YearOfOffset>(e, x),
        Function.Month => One<DateTimeOffset, int, MonthOfOffset>(e, x),
        Function.Day => One<DateTimeOffset, int, DayOfOffset>(e, x),
        Function.Hour => One<DateTimeOffset, int, HourOfOffset>(e, x),
        Function.Minute => One<DateTimeOffset, int, MinuteOfOffset>(e, x),
        Function.Second => One<DateTimeOffset, int, SecondOfOffset>(e, x),
        Function.Millisecond => One<DateTimeOffset, int, MillisecondOfOffset>(e, x),
        Function.DayOfWeek => One<DateTimeOffset, int, DayOfWeekOfOffset>(e, x),
        _ => One<DateTimeOffset, int, DayOfYearOfOffset>(e, x),
    };

    private static KernelNode Time(CallExpr e, Func<Expr, KernelNode> inner)
    {
        KernelNode x = inner(e.Arguments[0]);
        bool hasOffset = e.Arguments[0].Type.Kind == ValueKind.DateTimeOffset;
        return e.Function switch
        {
            Function.Date => One<DateTime, DateTime, DateOf>(e, x),
            Function.TimeOfDay => One<DateTime, TimeSpan, TimeOfDayOf>(e, x),
            Function.Ticks when e.Arguments[0].Type.Kind == ValueKind.TimeSpan => One<TimeSpan, long, TicksOfSpan>(e, x),
            Function.Ticks => One<DateTime, long, TicksOf>(e, x),
            Function.FromUnixSeconds => One<long, DateTime, MomentOfSeconds>(e, x, canFail: true),
            Function.FromUnixMilliseconds => One<long, DateTime, MomentOfMilliseconds>(e, x, canFail: true),
            Function.ToUnixSeconds => hasOffset ? One<DateTimeOffset, long, UnixSecondsOfOffset>(e, x) : One<DateTime, long, UnixSecondsOf>(e, x),
            Function.ToUnixMilliseconds => hasOffset ? One<DateTimeOffset, long, UnixMillisecondsOfOffset>(e, x) : One<DateTime, long, UnixMillisecondsOf>(e, x),
            Function.TruncateTo => KernelCompiler.Two<DateTime, TimeSpan, DateTime, TruncateMoment>(e, e.Arguments[0], e.Arguments[1], true, inner),
            Function.TotalDays => One<TimeSpan, double, TotalDaysOf>(e, x),
            Function.TotalHours => One<TimeSpan, double, TotalHoursOf>(e, x),
            Function.TotalMinutes => One<TimeSpan, double, TotalMinutesOf>(e, x),
            Function.TotalSeconds => One<TimeSpan, double, TotalSecondsOf>(e, x),
            Function.TotalMilliseconds => One<TimeSpan, double, TotalMillisecondsOf>(e, x),
            _ => throw new UnreachableException(),
        };
    }
}
