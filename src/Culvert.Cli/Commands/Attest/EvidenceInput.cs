using System.CommandLine;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Attest;

/// <summary>Evidence and collateral from files and folders. Sizes are looked at before anything is read.</summary>
internal static class EvidenceInput
{
    /// <summary>A folder of evidence holds a handful of files; what is far more is another folder.</summary>
    private const int FilesMax = 64;

    /// <summary>Bytes of a file; revocation lists in hexadecimal are the longest.</summary>
    private const int FileBytesMax = 4 * 1024 * 1024;

    internal static Option<string> Evidence() => new("--evidence")
    {
        Description = "Evidence: a file, or a folder with quote.bin and collateral.json, report.bin and vcek.der or vlek.der, attestation.cbor, or a TPM's quote",
        HelpName = "PATH",
        Required = true,
    };

    /// <summary>Reads evidence and tells its kind; fails with a usage error when there is nothing to read.</summary>
    internal static Outcome<Evidence> ReadEvidence(string path) =>
        Directory.Exists(path) ? Attestation.Evidence.Detect(ReadFolder(path)) : Attestation.Evidence.Detect(ReadFile(path));

    internal static Collateral ReadCollateral(string? path)
    {
        if (path is null)
        {
            return Collateral.None;
        }

        // One file is taken under its own name.
        Dictionary<string, ReadOnlyMemory<byte>> files = Directory.Exists(path)
            ? ReadFolder(path)
            : new() { [Path.GetFileName(path)] = ReadFile(path) };
        Outcome<Collateral> collateral = Collateral.Of(files);
        return collateral.Succeeded ? collateral.Value : throw CommandFailedException.Usage($"{path}: {collateral.Failure.Message}");
    }

    internal static byte[] ReadFile(string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw CommandFailedException.Usage($"{path}: there is no such file or folder");
        }

        return file.Length <= FileBytesMax
            ? File.ReadAllBytes(path)
            : throw CommandFailedException.Usage($"{path}: {file.Length} bytes; at most {FileBytesMax} are read");
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> ReadFolder(string path)
    {
        string[] names = [.. Directory.EnumerateFiles(path).Take(FilesMax + 1)];
        return names.Length <= FilesMax
            ? names.ToDictionary(name => Path.GetFileName(name), name => (ReadOnlyMemory<byte>)ReadFile(name), StringComparer.Ordinal)
            : throw CommandFailedException.Usage($"{path}: over {FilesMax} files; give the folder of one piece of evidence");
    }
}
