namespace Culvert.Stages;

/// <summary>A partition cannot go on with its input, and it is no single row's fault: the message says what and where.</summary>
public sealed class StageFailedException(string message, Exception? inner = null) : Exception(message, inner);
