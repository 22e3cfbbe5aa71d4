using System.Collections.Immutable;

namespace Culvert.JobFiles;

/// <summary>What came of reading a job file: the job unless there are errors, and everything that was found, in the order of the file.</summary>
public sealed record JobFileReading(JobFile? File, ImmutableArray<Diagnostic> Diagnostics);
