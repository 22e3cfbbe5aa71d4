namespace Culvert.Attestation;

/// <summary>
/// What a vendor publishes beside evidence, as files by name: <c>collateral.json</c> (Intel), <c>vcek.der</c> or <c>vlek.der</c>
/// and <c>crl.der</c> (AMD), <c>crl-*.der</c>. Nothing in it is trusted before it is checked. Immutable.
/// </summary>
public sealed class Collateral
{
    private readonly EvidenceFiles _files;

    private Collateral(EvidenceFiles files) => _files = files;

    /// <summary>No collateral.</summary>
    public static Collateral None { get; } = new(EvidenceFiles.Empty);

    /// <summary>Collateral of files by name; refused when there are too many or one is too long.</summary>
    public static Outcome<Collateral> Of(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        Outcome<EvidenceFiles> bounded = EvidenceFiles.Of(files);
        return bounded.Succeeded ? new Collateral(bounded.Value) : bounded.Failure;
    }

    /// <summary>All files' contents, in the order of their names.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Contents => _files.Contents;

    internal bool TryGet(string name, out ReadOnlyMemory<byte> content) => _files.TryGet(name, out content);
}
