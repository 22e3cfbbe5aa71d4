using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>A generator ready to be a source.</summary>
public sealed record GeneratedSource(SourceSpec Spec, Schema Schema);
