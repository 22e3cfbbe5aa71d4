using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>The part of an expression that can fail, for the message when it does.</summary>
internal sealed class FailureSite(Expr part)
{
    /// <summary>Exceptions that a row's values cause.</summary>
    internal static bool IsOfRow(Exception e) => e is ArithmeticException or ArgumentException or FormatException;

    internal RowFailedException Fail(int row, Exception e) => Fail(row, e switch
    {
        DivideByZeroException => "division by zero",
        OverflowException => $"the value does not fit {part.Type}",
        ArgumentOutOfRangeException => "a value is out of range",
        _ => e.Message,
    });

    internal RowFailedException Fail(int row, string what) => new(row, $"{what} in `{Expr.Print(part)}`");
}
