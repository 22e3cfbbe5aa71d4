namespace Culvert.Benchmarks;

/// <summary>What a contender's run showed beside its time.</summary>
/// <param name="Name">What was measured, such as peak memory.</param>
/// <param name="Value">How much; less is better.</param>
/// <param name="Unit">Of what.</param>
public sealed record Figure(string Name, double Value, string Unit);
