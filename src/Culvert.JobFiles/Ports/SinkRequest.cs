namespace Culvert.JobFiles;

/// <summary>The kinds of sinks that a job file can name.</summary>
public enum SinkKind
{
    /// <summary>A table on the terminal.</summary>
    Table,

    /// <summary>A CSV file.</summary>
    Csv,

    /// <summary>A file with a JSON object per line.</summary>
    JsonLines,

    /// <summary>Nowhere.</summary>
    Discard,
}

/// <summary>A sink that a job file asks for.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The file of one that writes a file; <c>-</c> is standard output.</param>
/// <param name="Rows">Rows that a table shows at most; null for its default.</param>
public sealed record SinkRequest(SinkKind Kind, string? Path = null, int? Rows = null);
