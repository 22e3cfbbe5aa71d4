namespace Culvert.Benchmarks.SecureStreams;

/// <summary>A figure that was asked for.</summary>
/// <param name="What">Of what.</param>
/// <param name="Asked">As people read it.</param>
/// <param name="Measured">As people read it.</param>
/// <param name="Value">The figure.</param>
/// <param name="IsReached">Whether it is what was asked for.</param>
public sealed record SecureStreamsGoal(string What, string Asked, string Measured, double Value, bool IsReached);
