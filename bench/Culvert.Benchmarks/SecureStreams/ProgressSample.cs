namespace Culvert.Benchmarks.SecureStreams;

/// <summary>How many rows were through after a time since the start.</summary>
public readonly record struct ProgressSample(double Seconds, long Rows);
