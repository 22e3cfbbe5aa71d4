using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>What a test puts in the place of a source.</summary>
/// <param name="Source">The source that is replaced: the runner reads what is given as this one reads its files.</param>
/// <param name="Text">The text of a file; null when there are rows.</param>
/// <param name="Rows">The rows, with the source's columns: those that the test does not name are missing, or a type's default where they cannot be. The receiver disposes it. Null when there is text.</param>
public sealed record JobTestInput(SourceNode Source, string? Text, Batch? Rows);
