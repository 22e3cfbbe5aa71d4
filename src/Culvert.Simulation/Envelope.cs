namespace Culvert.Simulation;

/// <summary>A message on its way.</summary>
public sealed record Envelope(string From, string To, object Message);
