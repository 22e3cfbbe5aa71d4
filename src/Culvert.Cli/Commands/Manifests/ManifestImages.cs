using System.Collections.Immutable;
using Culvert.Attestation;
using Culvert.Engine;

namespace Culvert.Cli.Commands.Manifests;

/// <summary>Which code is accepted, and what its machines have to fulfil, from what a command line names.</summary>
internal static class ManifestImages
{
    /// <summary>This very program, as enclaves without hardware measure it.</summary>
    internal static AcceptedMeasurement OfThisProgram()
    {
        string version = typeof(ManifestImages).Assembly.GetName().Version!.ToString(3);
        return Made(SimulatedProgram.Measurement($"culvert {version}"));
    }

    /// <summary>Full measured sets of files; with none named, nothing.</summary>
    internal static ImmutableArray<AcceptedMeasurement> Read(IEnumerable<string> paths) =>
        [.. paths.Select(path => Value(path, MeasuredSets.Parse(ReadFile(path, MeasuredSets.BytesMax))))];

    /// <summary>
    /// What platforms have to fulfil: those that were there, changed by <c>KIND=FILE</c> options, and one for each other kind that
    /// is accepted. The simulation's new one pins this user's development key.
    /// </summary>
    internal static ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> Platforms(
        ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> before, IEnumerable<string> changes, IEnumerable<AcceptedMeasurement> accepted)
    {
        ImmutableSortedDictionary<EvidenceKind, VerificationPolicy> platforms = before;
        foreach (string change in changes)
        {
            (EvidenceKind kind, VerificationPolicy policy) = ReadPlatform(change);
            platforms = platforms.SetItem(kind, policy);
        }

        foreach (EvidenceKind kind in accepted.Select(set => set.Kind).Distinct().Where(kind => !platforms.ContainsKey(kind)))
        {
            platforms = platforms.Add(kind, kind switch
            {
                EvidenceKind.Simulation => Made(SimulatedProgram.Platform()),
                EvidenceKind.Tpm2 => throw CommandFailedException.Usage(
                    "who certifies TPMs' keys has to be said, since there is no vendor's root for them: --platform tpm2-quote=policy.json with { \"tpmRoots\": [\"BASE64\"] }"),
                _ => VerificationPolicy.None,
            });
        }

        return platforms;
    }

    private static (EvidenceKind Kind, VerificationPolicy Policy) ReadPlatform(string change)
    {
        int equals = change.IndexOf('=', StringComparison.Ordinal);
        EvidenceKind kind = equals < 0 ? EvidenceKind.Unknown : EvidenceKindName.Parse(change[..equals]);
        if (kind == EvidenceKind.Unknown)
        {
            string names = string.Join(", ", Enum.GetValues<EvidenceKind>().Where(k => k != EvidenceKind.Unknown).Select(EvidenceKindName.Of));
            throw CommandFailedException.Usage($"--platform is KIND=FILE, with one of {names}, and not '{change}'");
        }

        string path = change[(equals + 1)..];
        return (kind, Value(path, PolicyDocument.ParsePlatform(ReadFile(path, PolicyDocument.BytesMax), kind)));
    }

    private static T Made<T>(Outcome<T> made) => made.Succeeded ? made.Value : throw new CommandFailedException(ExitCode.Failed, made.Failure.Message);

    private static byte[] ReadFile(string path, int bytesMax)
    {
        FileInfo file = new(path);
        return !file.Exists ? throw CommandFailedException.Usage($"{path}: there is no such file")
            : file.Length > bytesMax ? throw CommandFailedException.Usage($"{path}: {file.Length} bytes; at most {bytesMax} are read")
            : File.ReadAllBytes(path);
    }

    private static T Value<T>(string path, Outcome<T> read) =>
        read.Succeeded ? read.Value : throw CommandFailedException.Usage($"{path}: {read.Failure.Message}");
}
