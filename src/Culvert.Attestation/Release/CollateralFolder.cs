using System.Collections.Immutable;
using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Collateral in a folder that somebody fills (docs/attestation.md): its files are one set, and those of each folder in it
/// another. Read anew each time, since it is replaced before it expires. Names that begin with a dot are left out, so that a
/// set can be made beside the old one and then renamed.
/// </summary>
/// <param name="path">The folder.</param>
public sealed class CollateralFolder(string path) : ICollateralShelf
{
    /// <summary>Sets of one folder: each is tried for evidence that lacks collateral.</summary>
    public const int SetsMax = 64;

    /// <summary>The sets, or what is wrong with the folder, for whoever names it.</summary>
    public Outcome<ImmutableArray<ImmutableSortedDictionary<string, ImmutableArray<byte>>>> Read()
    {
        if (!Directory.Exists(path))
        {
            return new Failure(FailureKind.Missing, $"{path}: there is no such folder of collateral");
        }

        ImmutableArray<ImmutableSortedDictionary<string, ImmutableArray<byte>>>.Builder sets = ImmutableArray.CreateBuilder<ImmutableSortedDictionary<string, ImmutableArray<byte>>>();
        try
        {
            string[] folders = [path, .. Directory.EnumerateDirectories(path).Where(IsShown).Order(StringComparer.Ordinal)];
            foreach (string folder in folders)
            {
                Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> set = ReadSet(folder);
                if (set.Failure is { } failure)
                {
                    return failure;
                }

                if (!set.Value.IsEmpty)
                {
                    sets.Add(set.Value);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{path}: {failure.Message}");
        }

        return sets.Count > SetsMax ? new Failure(FailureKind.TooLarge, $"{path}: {sets.Count} sets of collateral; at most {SetsMax} are tried")
            : sets.Count == 0 ? new Failure(FailureKind.Missing, $"{path}: there is no collateral in it")
            : sets.ToImmutable();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ImmutableSortedDictionary<string, ImmutableArray<byte>>> Sets()
    {
        Outcome<ImmutableArray<ImmutableSortedDictionary<string, ImmutableArray<byte>>>> sets = Read();
        return sets.Succeeded ? sets.Value : [];
    }

    private static Outcome<ImmutableSortedDictionary<string, ImmutableArray<byte>>> ReadSet(string folder)
    {
        FileInfo[] files = [.. new DirectoryInfo(folder).EnumerateFiles().Where(file => IsShown(file.Name)).Take(ReleaseLimits.FilesMax + 1)];
        if (files.Length > ReleaseLimits.FilesMax || files.Sum(file => file.Length) > ReleaseLimits.EvidenceBytesMax
            || files.Any(file => Encoding.UTF8.GetByteCount(file.Name) > ReleaseLimits.FileNameBytesMax))
        {
            return new Failure(FailureKind.TooLarge, $"{folder}: a set of collateral has at most {ReleaseLimits.FilesMax} files, {ReleaseLimits.EvidenceBytesMax} bytes in all, and names of {ReleaseLimits.FileNameBytesMax} bytes");
        }

        return files.ToImmutableSortedDictionary(file => file.Name, file => ImmutableArray.Create(File.ReadAllBytes(file.FullName)), StringComparer.Ordinal);
    }

    private static bool IsShown(string path) => !Path.GetFileName(path).StartsWith('.');
}
