using Culvert.Cli.Commands;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Jobs;

namespace Culvert.Cli.Sealed;

/// <summary>What <c>culvert open</c> was asked for.</summary>
internal sealed record OpenRequest(string File, OwnerKeyChoice Key)
{
    internal string? Format { get; init; }

    internal string? Output { get; init; }

    /// <summary>The stream id or end digest that the file has to have.</summary>
    internal string? Expect { get; init; }

    /// <summary>The columns to open; empty for all.</summary>
    internal string[] Columns { get; init; } = [];

    /// <summary>Whether a file without its end is opened as far as it goes.</summary>
    internal bool Incomplete { get; init; }

    internal bool Quiet { get; init; }

    /// <summary>The same where a run's result goes.</summary>
    internal RunRequest AsRun() => new(new JobRequest(""))
    {
        Format = Format ?? (Output is null or "-" ? "table" : null),
        Output = Output,
    };
}
