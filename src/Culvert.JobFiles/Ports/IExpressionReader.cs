using Culvert.Streams;
using Culvert.Streams.Expressions;

namespace Culvert.JobFiles;

/// <summary>Reads the text of an expression over the columns of a stream.</summary>
public interface IExpressionReader
{
    /// <summary>The expression, or what is wrong with the text and at which character of it (from 0).</summary>
    ExpressionReading Read(string text, Schema schema);
}

/// <summary>An expression, or what is wrong with its text.</summary>
public readonly record struct ExpressionReading(Expr? Value, string? Message, int Offset)
{
    /// <summary>A text that could be read.</summary>
    public static ExpressionReading Of(Expr value) => new(value, null, 0);

    /// <summary>A text that could not; <paramref name="offset"/> is in UTF-16 code units from 0.</summary>
    public static ExpressionReading Fail(string message, int offset) => new(null, message, offset);
}
