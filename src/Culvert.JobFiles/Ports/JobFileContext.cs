namespace Culvert.JobFiles;

/// <summary>What a job file needs from the rooms above.</summary>
/// <param name="FileName">What diagnostics call the file: its path as the user gave it.</param>
/// <param name="Connectors">Makes sources and sinks.</param>
public sealed record JobFileContext(string FileName, IConnectors Connectors)
{
    /// <summary>The files beside the job; null when there are none to look at (then columns need declared types, and scripts and tables are refused).</summary>
    public IJobFiles? Files { get; init; }

    /// <summary>Makes operators of scripts; null when there is no language at hand (then <c>lua:</c> is refused).</summary>
    public IScriptOperators? Scripts { get; init; }

    /// <summary>
    /// Files that the only source reads instead of its own, as <c>--input</c> names them; none keeps the file's. Paths are then
    /// of the current folder, and the shell knows by <see cref="CsvRequest.Paths"/> being these.
    /// </summary>
    public IReadOnlyList<string> Input { get; init; } = [];
}
