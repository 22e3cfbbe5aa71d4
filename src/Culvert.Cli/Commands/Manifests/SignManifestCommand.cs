using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Cli.Output;
using Culvert.Sealing;

namespace Culvert.Cli.Commands.Manifests;

/// <summary><c>culvert manifest sign</c>: one signature more, on the version that is proposed, or on the current one.</summary>
internal static class SignManifestCommand
{
    internal static Command Make()
    {
        Argument<string> file = ManifestSymbols.File();
        SignerOptions signer = new();
        Command command = new("sign", "Add a signature: to the next version, if one is proposed and lacks signatures, else to the current one") { file };
        foreach (Option option in signer.Options)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            using Secret? owner = signer.OpenOwner(parsed);
            using ECDsa key = signer.Open(parsed, owner);
            ImmutableArray<SignedManifest> versions = ManifestStore.ReadAll(path);
            return ManifestStore.Proposed(path) is { } proposed
                ? SignNext(path, versions[^1], proposed, key)
                : SignCurrent(path, versions, key);
        });
        return command;
    }

    /// <summary>Signs a next version, and makes it the current one if that is all that it lacked.</summary>
    internal static int SignNext(string path, SignedManifest current, SignedManifest next, ECDsa key)
    {
        UpdateRule rule = current.Manifest.Update;
        RefuseIfIdle(next.Manifest, rule, key);
        SignedManifest signed = ManifestSigning.Add(next, key);
        ManifestRefusal? refusal = ManifestVerification.VerifyUpdate(current, signed);
        if (refusal is null)
        {
            ManifestFile.WriteNext(path, current, signed);
            Terminal.Out.WriteLine($"digest: {Convert.ToHexStringLower(signed.Digest.AsSpan())}");
            Terminal.Error.WriteLine(
                $"{path} is version {signed.Manifest.Version} now, epoch {signed.Manifest.Epoch.Value}; version {current.Manifest.Version} is kept in {path}{ManifestFile.HistorySuffix}.");
            InitManifestCommand.WarnOfSimulation(signed.Manifest, path);
            return ExitCode.Success;
        }

        if (refusal.Check != ManifestCheck.UpdateRule)
        {
            throw ManifestStore.Refused(refusal);
        }

        (int counted, int needed) = ManifestVerification.Count(signed, rule);
        ManifestFile.Write(path + ManifestFile.ProposedSuffix, signed);
        Terminal.Error.WriteLine(
            $"Version {signed.Manifest.Version} is proposed in {path}{ManifestFile.ProposedSuffix}, with {counted} of {needed} signatures; version {current.Manifest.Version} stays in force until the others sign: culvert manifest sign {path} --signer-key signer.pem");
        return ExitCode.Success;
    }

    private static int SignCurrent(string path, ImmutableArray<SignedManifest> versions, ECDsa key)
    {
        SignedManifest current = versions[^1];
        RefuseIfIdle(current.Manifest, versions.Length == 1 ? UpdateRule.ByOwner : versions[^2].Manifest.Update, key);
        SignedManifest signed = ManifestSigning.Add(current, key);
        ManifestFile.Write(path, signed);
        ManifestHistory.TryVerify([.. versions[..^1], signed], signed.Manifest.OwnerKey.AsSpan(), out _, out ManifestRefusal? refusal);
        Terminal.Out.WriteLine($"digest: {Convert.ToHexStringLower(signed.Digest.AsSpan())}");
        Terminal.Error.WriteLine(refusal is null
            ? $"{path}: version {signed.Manifest.Version} is signed."
            : $"{path}: version {signed.Manifest.Version} has a signature more, and is still refused: {refusal}");
        return ExitCode.Success;
    }

    private static void RefuseIfIdle(Manifest manifest, UpdateRule rule, ECDsa key)
    {
        ImmutableArray<byte> publicKey = [.. key.ExportSubjectPublicKeyInfo()];
        bool counts = rule.Threshold == 0
            ? manifest.OwnerKey.AsSpan().SequenceEqual(publicKey.AsSpan())
            : rule.Signers.Any(signer => signer.Key.AsSpan().SequenceEqual(publicKey.AsSpan()));
        if (!counts)
        {
            throw new CommandFailedException(ExitCode.Failed, rule.Threshold == 0
                ? $"version {manifest.Version} of {manifest.Job} is its owner's to sign, and this is another key than the owner's"
                : $"version {manifest.Version} of {manifest.Job} is signed by {rule.Threshold} of {string.Join(", ", rule.Signers.Select(s => s.Name))}; this key is none of theirs");
        }
    }
}
