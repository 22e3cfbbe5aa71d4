using System.Collections.Immutable;

namespace Culvert.JobFiles;

/// <summary>A test that stands beside a job: what a source reads, and the rows that must come out.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Line">Where it stands, from 1.</param>
/// <param name="InputText">The text of the source's file; null when <paramref name="InputRows"/> are given.</param>
/// <param name="InputRows">The source's rows; null when the text is given.</param>
/// <param name="Output">The rows that must come out; columns that a row does not name are not compared.</param>
public sealed record JobFileTest(
    string Name,
    int Line,
    string? InputText,
    ImmutableArray<TestRow>? InputRows,
    ImmutableArray<TestRow> Output)
{
    /// <summary>The source that the input replaces; null for the only one.</summary>
    public string? Source { get; init; }

    /// <summary>The stage whose output is compared; null for what the first sink receives.</summary>
    public string? Sink { get; init; }

    /// <summary>Whether the order of rows matters.</summary>
    public bool InOrder { get; init; }
}
