using System.Collections.Immutable;

namespace Culvert.Streams.Expressions;

/// <summary>A function of the closed set, applied to arguments.</summary>
public sealed record CallExpr : Expr
{
    /// <summary>Arguments of one call.</summary>
    public const int ArgumentsMax = 64;

    internal CallExpr(Function function, ImmutableArray<Expr> arguments)
        : base(FunctionRules.ResultType(function, arguments.AsSpan()), FunctionRules.CanFail(function, arguments.AsSpan()), arguments.AsSpan())
    {
        Function = function;
        Arguments = arguments;
    }

    /// <summary>Which function.</summary>
    public Function Function { get; }

    /// <summary>Its arguments, evaluated in order.</summary>
    public ImmutableArray<Expr> Arguments { get; }

    /// <inheritdoc/>
    public override ImmutableArray<Expr> Children => Arguments;

    /// <inheritdoc/>
    public bool Equals(CallExpr? other) =>
        other is not null && Function == other.Function && Arguments.AsSpan().SequenceEqual(other.Arguments.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Function);
        foreach (Expr argument in Arguments)
        {
            hash.Add(argument);
        }

        return hash.ToHashCode();
    }
}
