namespace Culvert.Benchmarks.Snapshots;

/// <summary>An event that changes the state of its key.</summary>
public record struct StateEvent(long Key, int Value);
