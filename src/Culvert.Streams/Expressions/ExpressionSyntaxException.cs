namespace Culvert.Streams.Expressions;

/// <summary>Something in an expression's text is wrong. Never leaves <see cref="ExpressionParser"/>.</summary>
internal sealed class ExpressionSyntaxException(int offset, string message) : Exception(message)
{
    internal int Offset { get; } = offset;
}
