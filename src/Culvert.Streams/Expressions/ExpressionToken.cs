namespace Culvert.Streams.Expressions;

internal enum TokenKind
{
    End,
    Name,
    QuotedName,
    Integer,
    Number,
    Text,
    Duration,
    Symbol,
}

/// <summary>A word of an expression's text: where it starts, how it is written, and what a literal means.</summary>
internal readonly record struct ExpressionToken(TokenKind Kind, int Offset, string Text, object? Value = null)
{
    internal bool Is(string symbolOrWord) =>
        (Kind == TokenKind.Symbol && Text == symbolOrWord)
        || (Kind == TokenKind.Name && string.Equals(Text, symbolOrWord, StringComparison.OrdinalIgnoreCase));

    internal string Describe() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "the text '" + Text + "'",
        _ => "'" + Text + "'",
    };
}
