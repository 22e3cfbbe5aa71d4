using Culvert.Cli.Jobs;

namespace Culvert.Cli.Commands;

/// <summary>What <c>culvert run</c> was asked for.</summary>
internal sealed record RunRequest(JobRequest Job)
{
    /// <summary>The forms of a result.</summary>
    internal static string[] Formats => ["table", "json", "jsonl", "csv"];

    internal int? Workers { get; init; }

    internal string? Format { get; init; }

    internal string? Output { get; init; }

    internal string? Snapshots { get; init; }

    internal TimeSpan SnapshotInterval { get; init; }

    internal bool Resume { get; init; }

    internal bool Quiet { get; init; }

    /// <summary>The format asked for, or the one that the output's name tells; null leaves the job's own sinks.</summary>
    internal string? EffectiveFormat => Format ?? (Output is null ? null : Path.GetExtension(Output).ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".json" => "json",
        ".jsonl" or ".ndjson" => "jsonl",
        ".txt" => "table",
        _ => throw CommandFailedException.Usage($"the name '{Output}' does not tell a format: add --format table, json, jsonl or csv"),
    });

    /// <summary>Throws <see cref="CommandFailedException"/> for options that do not fit each other.</summary>
    internal void Check()
    {
        if (Resume && Snapshots is null)
        {
            throw CommandFailedException.Usage("--resume needs --snapshots DIR: where the snapshots are");
        }

        if (Resume && !Directory.Exists(Snapshots))
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot resume: there is no folder {Snapshots}");
        }

        _ = EffectiveFormat;
    }
}
