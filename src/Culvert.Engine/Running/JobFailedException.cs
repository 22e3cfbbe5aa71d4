namespace Culvert.Engine;

/// <summary>A run that failed: the message says what, where and what to do. Nothing half written has its final name.</summary>
public sealed class JobFailedException(string message, Exception? inner = null) : Exception(message, inner);
