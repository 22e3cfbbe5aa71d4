using System.CommandLine;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest</c>: which measured code may hold which of a job's keys.</summary>
internal static class ManifestCommand
{
    internal static Command Make() => new("manifest", "Say which measured code may hold which of a job's keys, and sign it")
    {
        InitManifestCommand.Make(),
        ShowManifestCommand.Make(),
        SignManifestCommand.Make(),
        VerifyManifestCommand.Make(),
        UpdateManifestCommand.Make(),
    };
}
