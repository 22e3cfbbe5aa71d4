using System.Globalization;

namespace Culvert.JobFiles;

/// <summary>A finding in a job file: what, and where. <see cref="Line"/> and <see cref="Column"/> count from 1, columns in UTF-16 code units.</summary>
public sealed record Diagnostic(Severity Severity, string Message, int Line, int Column, string File)
{
    /// <summary>The line it is about, without its end; null where there is none to show.</summary>
    public string? SourceLine { get; init; }

    /// <summary><c>job.yaml:12:9: error: …</c></summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{File}:{Line}:{Column}: {Severity.ToString().ToLowerInvariant()}: {Message}");

    /// <summary>As <see cref="ToString"/>, with the source line below it and a caret under the place.</summary>
    public string ToText()
    {
        if (SourceLine is null || Column - 1 > SourceLine.Length)
        {
            return ToString();
        }

        // Lines can be as long as the file: the part around the place is enough.
        int start = Math.Max(0, Column - 1 - ExcerptBefore);
        int end = Math.Min(SourceLine.Length, Column - 1 + ExcerptAfter);
        string excerpt = SourceLine[start..end];
        string indent = new([.. SourceLine[start..(Column - 1)].Select(c => c == '\t' ? '\t' : ' ')]);
        return $"{ToString()}\n    {Printable(excerpt)}\n    {indent}^";
    }

    private const int ExcerptBefore = 100;
    private const int ExcerptAfter = 60;

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c));
}
