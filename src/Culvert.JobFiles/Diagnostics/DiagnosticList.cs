using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;

namespace Culvert.JobFiles;

/// <summary>Collects what is found in one file. Bounded: a file of garbage does not make a list of a million complaints.</summary>
internal sealed class DiagnosticList(SourceText text)
{
    /// <summary>More findings than a person mends in one go.</summary>
    internal const int CountMax = 100;

    private readonly List<Diagnostic> _found = [];
    private readonly HashSet<(int, int, string)> _seen = [];

    /// <summary>The file.</summary>
    internal SourceText Text { get; } = text;

    /// <summary>Errors found so far, those beyond the limit included.</summary>
    internal int ErrorCount { get; private set; }

    internal void Error(Place place, string message)
    {
        ErrorCount++;
        Add(Severity.Error, place, message);
    }

    internal void Warning(Place place, string message) => Add(Severity.Warning, place, message);

    internal void Note(Place place, string message) => Add(Severity.Note, place, message);

    /// <summary>What was found, in the order of the file.</summary>
    internal ImmutableArray<Diagnostic> ToImmutable() =>
        [.. _found.OrderBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Severity)];

    private void Add(Severity severity, Place place, string message)
    {
        // Errors displace nothing: the first ones in reading order are those that the later ones follow from.
        if (_found.Count < CountMax && _seen.Add((place.Line, place.Column, message)))
        {
            _found.Add(new Diagnostic(severity, message, place.Line, place.Column, Text.File) { SourceLine = Text.Line(place.Line) });
        }
    }
}
