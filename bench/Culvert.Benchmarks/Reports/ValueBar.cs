namespace Culvert.Benchmarks.Reports;

/// <summary>A bar of a <see cref="ValueBars"/>.</summary>
/// <param name="Name">At its left.</param>
/// <param name="Value">Its length, 0 or more.</param>
/// <param name="Color">The name of a colour of the page's style, without its dashes.</param>
/// <param name="Note">At its end.</param>
public sealed record ValueBar(string Name, double Value, string Color, string Note);
