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

    /// <summary>True when more errors would not be shown: checks that cost much stop then.</summary>
    internal bool HasEnough => ErrorCount > CountMax;

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
        // The later half is kept for errors, so that a refused file always says why.
        int countMax = severity == Severity.Error ? CountMax : CountMax / 2;
        if (_found.Count < countMax && _seen.Add((place.Line, place.Column, message)))
        {
            _found.Add(new Diagnostic(severity, message, place.Line, place.Column, Text.File) { SourceLine = Text.Line(place.Line) });
        }
    }
}
