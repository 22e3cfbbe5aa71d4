namespace Culvert.Stages;

/// <summary>A key, a value or a table is larger than the named limits of keyed state; the message says which, in bytes.</summary>
public sealed class StateLimitException(string message) : Exception(message);
