namespace Culvert.Storage;

/// <summary>The digests of a value's block objects: for each chunk those of all slots, one behind the other.</summary>
internal sealed class BlockIndexBuilder(int clouds, int chunksMax)
{
    private readonly List<ContentDigest> _digests = [];

    internal int Chunks => _digests.Count / clouds;

    /// <summary>Whether another chunk fits.</summary>
    internal bool HasRoom => Chunks < chunksMax;

    internal void Add(IReadOnlyList<ContentDigest> chunk)
    {
        Invariant.Holds(chunk.Count == clouds && HasRoom);
        _digests.AddRange(chunk);
    }

    internal BlockIndex Build()
    {
        System.Buffers.ArrayBufferWriter<byte> bytes = new(_digests.Count * ContentDigest.SizeBytes);
        foreach (ContentDigest digest in _digests)
        {
            digest.WriteTo(bytes);
        }

        return new BlockIndex(bytes.WrittenMemory.ToArray(), clouds);
    }
}

/// <summary>The digests of a value's block objects. Immutable.</summary>
/// <param name="bytes">The digests; kept, and not changed any more.</param>
/// <param name="clouds">n.</param>
public sealed class BlockIndex(ReadOnlyMemory<byte> bytes, int clouds)
{
    /// <summary>The digests, one behind the other.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>The digest of one block object.</summary>
    public ContentDigest this[int chunk, int slot] =>
        ContentDigest.FromBytes(bytes.Span.Slice(((chunk * clouds) + slot) * ContentDigest.SizeBytes, ContentDigest.SizeBytes));
}
