using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>How a run ended.</summary>
/// <param name="Finished">True when all input was worked off; false when the run was stopped before.</param>
/// <param name="Rows">Data rows read, malformed ones included; those before a resume count too.</param>
/// <param name="MalformedRows">Rows that could not be read.</param>
/// <param name="LateEvents">Events dropped because they came too late for every window.</param>
/// <param name="Elapsed">From start to end.</param>
/// <param name="ResumedFrom">The round whose snapshot it went on from, or null.</param>
public sealed record RunReport(
    bool Finished, long Rows, long MalformedRows, long LateEvents, TimeSpan Elapsed, Round? ResumedFrom)
{
    /// <summary>The first malformed rows that this process met, in words, by file and line; at most ten a source.</summary>
    public IReadOnlyList<string> MalformedPlaces { get; init; } = [];
}
