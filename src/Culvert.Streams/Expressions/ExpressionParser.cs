namespace Culvert.Streams.Expressions;

/// <summary>
/// Reads the expressions of job files. The grammar and the rules are in docs/expressions.md; whole numbers are 64-bit and
/// checked.
/// </summary>
public static class ExpressionParser
{
    /// <summary>Characters of one expression.</summary>
    public const int LengthMax = 65_536;

    /// <summary>
    /// Reads an expression over the columns of a schema. With <paramref name="expected"/> the result is of that type, or
    /// is refused; a bool that may be null becomes one that is false instead. The failure's message starts with line and
    /// column inside the text, from 1.
    /// </summary>
    public static Outcome<Expr> Parse(string text, Schema schema, ColumnType? expected = null) => Parse(text, schema, expected, out _);

    /// <summary>As the other one; <paramref name="errorOffset"/> is where in the text the failure is, from 0, or -1.</summary>
    public static Outcome<Expr> Parse(string text, Schema schema, ColumnType? expected, out int errorOffset)
    {
        errorOffset = 0;
        if (text.Length > LengthMax)
        {
            return new Failure(FailureKind.TooLarge, $"line 1, column 1: the expression is longer than {LengthMax} characters");
        }

        try
        {
            Expr expr = new ExpressionGrammar(ExpressionLexer.Read(text), schema).ParseAll(expected);
            errorOffset = -1;
            return expr;
        }
        catch (ExpressionSyntaxException e)
        {
            errorOffset = e.Offset;
            (int line, int column) = Position(text, e.Offset);
            return new Failure(FailureKind.Malformed, $"line {line}, column {column}: {e.Message}");
        }
        catch (ExpressionTypeException e)
        {
            errorOffset = 0;
            return new Failure(FailureKind.TooLarge, $"line 1, column 1: {e.Message}");
        }
    }

    /// <summary>Line and column, from 1, of an offset.</summary>
    internal static (int Line, int Column) Position(string text, int offset)
    {
        int line = 1, start = 0;
        for (int i = 0; i < offset; i++)
        {
            if (text[i] == '\n')
            {
                line++;
                start = i + 1;
            }
        }

        return (line, offset - start + 1);
    }
}
