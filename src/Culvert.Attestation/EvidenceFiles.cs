using System.Collections.Frozen;

namespace Culvert.Attestation;

/// <summary>A folder's files by name, bounded, and arranged as verifiers ask for them. Files that nobody asks for are ignored.</summary>
internal sealed class EvidenceFiles
{
    /// <summary>A folder of evidence holds a handful of files.</summary>
    internal const int FilesMax = 64;

    /// <summary>Intel's largest revocation lists, in hexadecimal, stay far under this.</summary>
    internal const int FileBytesMax = 4 * 1024 * 1024;

    private readonly FrozenDictionary<string, ReadOnlyMemory<byte>> _files;

    private EvidenceFiles(FrozenDictionary<string, ReadOnlyMemory<byte>> files) => _files = files;

    internal static EvidenceFiles Empty { get; } = new(FrozenDictionary<string, ReadOnlyMemory<byte>>.Empty);

    internal static Outcome<EvidenceFiles> Of(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        if (files.Count > FilesMax)
        {
            return new Failure(FailureKind.TooLarge, $"evidence: {files.Count} files; at most {FilesMax} are read");
        }

        foreach ((string name, ReadOnlyMemory<byte> content) in files)
        {
            if (content.Length > FileBytesMax)
            {
                return new Failure(FailureKind.TooLarge, $"evidence: {name} has {content.Length} bytes; at most {FileBytesMax} are read");
            }
        }

        return new EvidenceFiles(EvidenceLayout.Arrange(files).ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>All files' contents, in the order of their names.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Contents => _files.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => file.Value);

    internal bool TryGet(string name, out ReadOnlyMemory<byte> content) => _files.TryGetValue(name, out content);

    internal bool Has(string name) => _files.ContainsKey(name);
}
