namespace Culvert.Benchmarks.Reports;

/// <summary>A point of a plot, with what it may be off to each side; 0 for nothing.</summary>
public readonly record struct PlotPoint(double X, double Y, double Deviation = 0);
