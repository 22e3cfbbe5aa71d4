namespace Culvert.Benchmarks.Windows;

/// <summary>An event with its time.</summary>
public record struct TimedEvent(DateTime Time, int Key, int Value);
