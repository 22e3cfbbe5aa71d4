namespace Culvert.Attestation;

/// <summary>
/// Evidence as it came: its kind, told from the bytes or the folder's layout alone, and its bytes. Nothing is verified yet.
/// Immutable; the caller keeps the memory unchanged as long as the evidence is used.
/// </summary>
public sealed class Evidence
{
    /// <summary>Bytes of the longest single piece of evidence: quotes are 5 KiB, event logs some 100 KiB.</summary>
    public const int BytesMax = 1024 * 1024;

    private readonly EvidenceFiles _files;

    private Evidence(EvidenceKind kind, EvidenceFiles files)
    {
        Kind = kind;
        _files = files;
    }

    /// <summary>What made it, as far as its outside tells; never <see cref="EvidenceKind.Unknown"/>.</summary>
    public EvidenceKind Kind { get; }

    /// <summary>Tells the kind of one file's bytes. Refuses what is of no known kind, and what is longer than <see cref="BytesMax"/>.</summary>
    public static Outcome<Evidence> Detect(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"evidence: {bytes.Length} bytes; at most {BytesMax} are read");
        }

        // A file that holds more than one thing, or holds it as text, is a folder of one file.
        if (EvidenceDetection.KindOf(bytes.Span) is null)
        {
            Outcome<Evidence> arranged = Detect(new Dictionary<string, ReadOnlyMemory<byte>> { ["evidence"] = bytes });
            if (arranged.Succeeded)
            {
                return arranged;
            }
        }

        return EvidenceDetection.KindOf(bytes.Span) is { } found
            ? new Evidence(found.Kind, EvidenceFiles.Of(new Dictionary<string, ReadOnlyMemory<byte>> { [found.File] = bytes }).Value)
            : new Failure(FailureKind.Malformed, "evidence: neither a quote, a report, an attestation document nor simulation evidence; give a file or folder of a known kind");
    }

    /// <summary>Tells the kind of a folder by its files' names and contents.</summary>
    public static Outcome<Evidence> Detect(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> folder)
    {
        Outcome<EvidenceFiles> files = EvidenceFiles.Of(folder);
        if (!files.Succeeded)
        {
            return files.Failure;
        }

        return EvidenceDetection.KindOf(files.Value) is { } kind
            ? new Evidence(kind, files.Value)
            : new Failure(FailureKind.Missing, "evidence: the folder has no quote.bin, report.bin, hcl-report.bin, attestation.cbor, TPM quote or simulation.bin of a known kind");
    }

    /// <summary>All files' contents, in the order of their names.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Contents => _files.Contents;

    internal bool TryGet(string name, out ReadOnlyMemory<byte> content) => _files.TryGet(name, out content);
}
