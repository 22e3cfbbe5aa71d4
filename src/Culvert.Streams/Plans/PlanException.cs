namespace Culvert.Streams;

/// <summary>A job that cannot be planned: the message names the part and what to do.</summary>
public sealed class PlanException(string message) : Exception(message);
