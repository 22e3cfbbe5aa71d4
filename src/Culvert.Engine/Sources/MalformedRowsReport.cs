namespace Culvert.Engine;

/// <summary>The rows that a source could not read in this process: how many, and the first of them in words.</summary>
/// <param name="Count">All of them.</param>
/// <param name="First">The first, by file and line, at most ten: <c>flights.csv:1042: 'x' in column 'ArrDelay' is not an int32</c>.</param>
public sealed record MalformedRowsReport(long Count, IReadOnlyList<string> First);
