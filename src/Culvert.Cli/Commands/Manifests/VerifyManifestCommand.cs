using System.CommandLine;
using Culvert.Attestation;
using Culvert.Cli.Commands.Keys;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest verify</c>: succeeds only if every version is authorised by the one before, and the current one is valid now.</summary>
internal static class VerifyManifestCommand
{
    internal static Command Make()
    {
        Argument<string> file = ManifestSymbols.File();
        Option<string?> owner = new("--owner") { Description = "The owner's public key (culvert keys public); without it, the one that the manifest itself names", HelpName = "PEM" };
        Option<DateTimeOffset?> at = ManifestSymbols.At();
        Command command = new("verify", "Check every version's signatures, that each follows from the one before, and that the current one is valid") { file, owner, at };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            byte[] key = parsed.GetValue(owner) is { } pem
                ? [.. SigningKeyFile.ReadPublic(pem)]
                : [.. ManifestStore.ReadAll(path)[0].Manifest.OwnerKey];
            ManifestHistory history = ManifestStore.Load(path, key);
            Manifest current = history.Current.Manifest;
            if (ManifestVerification.VerifyTime(current, parsed.GetValue(at) ?? DateTimeOffset.UtcNow) is { } refusal)
            {
                throw ManifestStore.Refused(refusal);
            }

            Terminal.Out.WriteLine(
                $"{path}: {current.Job}, version {current.Version} (epoch {current.Epoch.Value}), is authorised by its owner and valid until {ManifestText.Time(current.NotAfter)}");
            Terminal.Out.WriteLine($"owner: {ManifestText.KeyName(current.OwnerKey)}");
            Terminal.Out.WriteLine($"digest: {Convert.ToHexStringLower(history.Current.Digest.AsSpan())}");
            if (parsed.GetValue(owner) is null)
            {
                Terminal.Error.WriteLine("culvert: the owner's key was taken from the manifest itself, which anybody could have made: --owner owner.pub checks whose it is");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
