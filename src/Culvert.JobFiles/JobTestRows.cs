using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>The rows that a job delivered, as <see cref="Batch.GetRow"/> gives them, in the order they came.</summary>
public sealed record JobTestRows(Schema Schema, IReadOnlyList<object?[]> Rows);
