namespace Culvert.Streams;

/// <summary>A mistake in how a job is written: the message names the member, variable or expression and says what to do.</summary>
public sealed class JobDefinitionException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
