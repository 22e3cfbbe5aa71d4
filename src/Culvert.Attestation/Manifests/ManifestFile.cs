using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>
/// A manifest on a disk (docs/specs/manifest.md, Versions): <c>manifest.json</c> is the current version, the folder
/// <c>manifest.json.history</c> has the earlier ones, and <c>manifest.json.proposed</c> is a next one that lacks signatures.
/// Every version is kept. What the disk refuses throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public static class ManifestFile
{
    /// <summary>Behind the name of a manifest's file: the folder of its earlier versions.</summary>
    public const string HistorySuffix = ".history";

    /// <summary>Behind the name of a manifest's file: a next version that lacks signatures.</summary>
    public const string ProposedSuffix = ".proposed";

    /// <summary>One document, with nothing verified.</summary>
    public static bool TryRead(string path, [NotNullWhen(true)] out SignedManifest? signed, [NotNullWhen(false)] out ManifestRefusal? refusal)
    {
        signed = null;
        refusal = null;
        FileInfo file = new(path);
        if (!file.Exists)
        {
            refusal = new(ManifestCheck.Missing, $"{path}: there is no such file");
        }
        else if (file.Length > ManifestLimits.BytesMax)
        {
            refusal = new(ManifestCheck.Format, $"{path}: {file.Length} bytes; at most {ManifestLimits.BytesMax} are read");
        }
        else
        {
            Outcome<SignedManifest> read = ManifestDocument.Read(File.ReadAllBytes(path));
            string name = ManifestCheckName.Of(ManifestCheck.Format) + ": ";
            signed = read.Succeeded ? read.Value : null;
            refusal = read.Succeeded ? null : new(ManifestCheck.Format, $"{path}: {read.Failure.Message[name.Length..]}");
        }

        return signed is not null;
    }

    /// <summary>All versions, from 1 to the one in the file, with nothing verified but that they are there and none is later.</summary>
    public static bool TryReadAll(string path, out ImmutableArray<SignedManifest> versions, [NotNullWhen(false)] out ManifestRefusal? refusal)
    {
        versions = [];
        if (!TryRead(path, out SignedManifest? current, out refusal))
        {
            return false;
        }

        ImmutableArray<SignedManifest>.Builder all = ImmutableArray.CreateBuilder<SignedManifest>();
        for (int version = 1; version < current.Manifest.Version; version++)
        {
            if (!TryRead(PathOf(path, version), out SignedManifest? earlier, out refusal))
            {
                return false;
            }

            all.Add(earlier);
        }

        all.Add(current);
        refusal = FindLater(path, current);
        versions = refusal is null ? all.ToImmutable() : [];
        return refusal is null;
    }

    /// <summary>The file's history, verified against the owner's public signing key.</summary>
    public static bool TryLoad(
        string path, ReadOnlySpan<byte> ownerKey, [NotNullWhen(true)] out ManifestHistory? history, [NotNullWhen(false)] out ManifestRefusal? refusal)
    {
        history = null;
        return TryReadAll(path, out ImmutableArray<SignedManifest> versions, out refusal)
            && ManifestHistory.TryVerify(versions, ownerKey, out history, out refusal);
    }

    /// <summary>Writes one document, whole or not at all, in the place of what the file has.</summary>
    public static void Write(string path, SignedManifest signed)
    {
        string partial = path + ".partial";
        using (FileStream file = new(partial, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(ManifestDocument.Write(signed));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Makes a version the current one: first the one before goes into the history, then the file is replaced.</summary>
    public static void WriteNext(string path, SignedManifest current, SignedManifest next)
    {
        Invariant.Holds(next.Manifest.Version == current.Manifest.Version + 1, "a version follows the one before");
        Directory.CreateDirectory(path + HistorySuffix);
        Write(PathOf(path, current.Manifest.Version), current);
        Write(path, next);
        File.Delete(path + ProposedSuffix);
    }

    /// <summary>Where a version is kept once there is a later one.</summary>
    public static string PathOf(string path, int version) =>
        Path.Combine(path + HistorySuffix, version.ToString("d4", CultureInfo.InvariantCulture) + ".json");

    /// <summary>
    /// A history that goes beyond the current version: the file was put back to an older one. A copy of the current version is what
    /// a writer leaves that was stopped in the middle.
    /// </summary>
    private static ManifestRefusal? FindLater(string path, SignedManifest current)
    {
        int version = current.Manifest.Version;
        if (File.Exists(PathOf(path, version + 1)))
        {
            return new(ManifestCheck.Older, $"{path} is version {version}, and its history has version {version + 1}");
        }

        if (!File.Exists(PathOf(path, version)))
        {
            return null;
        }

        return TryRead(PathOf(path, version), out SignedManifest? copy, out ManifestRefusal? refusal) && copy.Digest.AsSpan().SequenceEqual(current.Digest.AsSpan())
            ? null
            : refusal ?? new(ManifestCheck.Chain, $"{path} is another version {version} than the one in its history");
    }
}
