using System.Globalization;
using System.Text;

namespace Culvert.Streams.Expressions;

/// <summary>Cuts an expression's text into words.</summary>
internal static class ExpressionLexer
{
    private static readonly string[] Symbols =
        ["??", "&&", "||", "==", "!=", "<>", "<=", ">=", "<", ">", "=", "!", "+", "-", "*", "/", "%", "(", ")", ",", "?", ":"];

    internal static List<ExpressionToken> Read(string text)
    {
        List<ExpressionToken> tokens = [];
        int at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new ExpressionToken(TokenKind.End, at, string.Empty));
                return tokens;
            }

            ExpressionToken token = ReadOne(text, at, out int length);
            tokens.Add(token);
            at += length;
        }
    }

    private static ExpressionToken ReadOne(string text, int start, out int length)
    {
        char c = text[start];
        if (char.IsLetter(c) || c == '_')
        {
            int end = start + 1;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            length = end - start;
            return new ExpressionToken(TokenKind.Name, start, text[start..end]);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
        {
            return ReadNumber(text, start, out length);
        }

        if (c is '\'' or '"' or '`')
        {
            string value = ReadQuoted(text, start, out length);
            return new ExpressionToken(c == '`' ? TokenKind.QuotedName : TokenKind.Text, start, value, value);
        }

        foreach (string symbol in Symbols)
        {
            if (string.CompareOrdinal(text, start, symbol, 0, symbol.Length) == 0)
            {
                length = symbol.Length;
                return new ExpressionToken(TokenKind.Symbol, start, symbol);
            }
        }

        throw new ExpressionSyntaxException(start, $"'{c}' has no meaning here");
    }

    private static string ReadQuoted(string text, int start, out int length)
    {
        char quote = text[start];
        StringBuilder value = new();
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] != quote)
            {
                value.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == quote)
            {
                value.Append(quote);
                i++;
            }
            else
            {
                length = i + 1 - start;
                return value.ToString();
            }
        }

        throw new ExpressionSyntaxException(start, $"the closing {quote} is missing");
    }

    private static ExpressionToken ReadNumber(string text, int start, out int length)
    {
        int end = Digits(text, start);
        bool whole = true;
        if (end < text.Length && text[end] == '.')
        {
            whole = false;
            end = Digits(text, end + 1);
        }

        int exponent = end + 1 < text.Length && text[end] is 'e' or 'E' ? end + (text[end + 1] is '+' or '-' ? 2 : 1) : text.Length;
        if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
        {
            whole = false;
            end = Digits(text, exponent);
        }

        string digits = text[start..end];
        int unitEnd = end;
        while (unitEnd < text.Length && (char.IsLetterOrDigit(text[unitEnd]) || text[unitEnd] == '_'))
        {
            unitEnd++;
        }

        length = unitEnd - start;
        if (unitEnd > end)
        {
            return new ExpressionToken(TokenKind.Duration, start, text[start..unitEnd], Duration(digits, text[end..unitEnd], start));
        }

        return whole
            ? new ExpressionToken(TokenKind.Integer, start, digits)
            : new ExpressionToken(TokenKind.Number, start, digits, double.Parse(digits, CultureInfo.InvariantCulture));
    }

    private static int Digits(string text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at;
    }

    private static TimeSpan Duration(string digits, string unit, int start)
    {
        long? ticks = unit switch
        {
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => null,
        };
        if (ticks is null)
        {
            throw new ExpressionSyntaxException(start, $"'{unit}' is no unit of time: us, ms, s, m, h and d are");
        }

        return decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal count) && count <= long.MaxValue / ticks.Value
            ? new TimeSpan((long)(count * ticks.Value))
            : throw new ExpressionSyntaxException(start, "the duration is too long");
    }
}
