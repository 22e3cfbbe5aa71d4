using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>A column of an aggregate's result. <see cref="Type"/> follows from function and argument; see docs/semantics.md.</summary>
public sealed record AggregateColumn(string Name, AggregateFunction Function, Expr? Argument)
{
    /// <summary>The result's type. A function that the argument's type does not have is refused with <see cref="ArgumentException"/>.</summary>
    public ColumnType Type { get; } = ResultType(Function, Argument?.Type);

    /// <summary>The field it makes.</summary>
    public Field Field => new(Name, Type);

    private static ColumnType ResultType(AggregateFunction function, ColumnType? argument)
    {
        if (function == AggregateFunction.Count)
        {
            return new ColumnType(ValueKind.Int64);
        }

        ColumnType type = argument
            ?? throw new ArgumentException($"{function} needs a column to work on");
        return function switch
        {
            AggregateFunction.Sum when type.IsInteger => new ColumnType(ValueKind.Int64),
            AggregateFunction.Sum when type.Kind is ValueKind.Float32 or ValueKind.Float64 => new ColumnType(ValueKind.Float64),
            AggregateFunction.Sum when type.Kind == ValueKind.Decimal => new ColumnType(ValueKind.Decimal),
            AggregateFunction.Average when type.Kind == ValueKind.Decimal => type,
            AggregateFunction.Average when type.IsNumeric => new ColumnType(ValueKind.Float64, type.Nullable),
            AggregateFunction.Min or AggregateFunction.Max when type.Kind != ValueKind.State => type,
            _ => throw new ArgumentException($"{function} is not defined on {type}"),
        };
    }
}
