namespace Culvert.Streams.Expressions;

/// <summary>An attempt to build an expression whose types do not fit, or that exceeds a limit; the message names both types.</summary>
public sealed class ExpressionTypeException(string message) : ArgumentException(message);
