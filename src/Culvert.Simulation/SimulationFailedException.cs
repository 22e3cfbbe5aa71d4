namespace Culvert.Simulation;

/// <summary>A rule of a world was broken, or what had to happen did not.</summary>
public sealed class SimulationFailedException(string message, Exception? inner = null) : Exception(message, inner);
