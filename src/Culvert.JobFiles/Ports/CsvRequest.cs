using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>The CSV files that a job file asks for.</summary>
/// <param name="Paths">Paths and patterns; <c>-</c> is standard input.</param>
/// <param name="Options">How they are read.</param>
/// <param name="SetAside">The file that malformed rows go to, with <see cref="MalformedRowPolicy.SetAside"/>.</param>
/// <param name="Follow">Whether to wait for more at the end.</param>
public sealed record CsvRequest(ImmutableArray<string> Paths, CsvOptions Options, string? SetAside, bool Follow);
