using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>Manifests in files, for commands: what is refused ends the command.</summary>
internal static class ManifestStore
{
    /// <summary>All versions of a file, verified against an owner's key.</summary>
    internal static ManifestHistory Load(string path, ReadOnlySpan<byte> ownerKey) =>
        ManifestFile.TryLoad(path, ownerKey, out ManifestHistory? history, out ManifestRefusal? refusal) ? history : throw Refused(refusal);

    /// <summary>All versions of a file, with nothing verified.</summary>
    internal static ImmutableArray<SignedManifest> ReadAll(string path) =>
        ManifestFile.TryReadAll(path, out ImmutableArray<SignedManifest> versions, out ManifestRefusal? refusal) ? versions : throw Refused(refusal);

    /// <summary>The next version that lacks signatures, or null.</summary>
    internal static SignedManifest? Proposed(string path) =>
        !File.Exists(path + ManifestFile.ProposedSuffix) ? null
        : ManifestFile.TryRead(path + ManifestFile.ProposedSuffix, out SignedManifest? proposed, out ManifestRefusal? refusal) ? proposed
        : throw Refused(refusal);

    internal static CommandFailedException Refused(ManifestRefusal refusal) => new(
        refusal.Check == ManifestCheck.Missing ? ExitCode.WrongUsage : ExitCode.Failed, refusal.ToString());

    /// <summary>A manifest that a reader accepts; what the options made of it otherwise is told.</summary>
    internal static SignedManifest Checked(Manifest manifest)
    {
        Outcome<SignedManifest> made = ManifestDocument.Of(manifest);
        return made.Succeeded ? made.Value : throw CommandFailedException.Usage($"no manifest can say this: {made.Failure.Message}");
    }
}
