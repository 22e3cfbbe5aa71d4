namespace Culvert.Benchmarks.Reports;

/// <summary>A line of a <see cref="LinePlot"/>.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Color">The name of a colour of the page's style, without its dashes.</param>
/// <param name="Points">In the order in which they are joined.</param>
/// <param name="IsDashed">For what is a prediction or a limit. Default false.</param>
/// <param name="HasMarks">Whether each point is marked; for few points. Default true.</param>
public sealed record PlotSeries(string Name, string Color, IReadOnlyList<PlotPoint> Points, bool IsDashed = false, bool HasMarks = true);
