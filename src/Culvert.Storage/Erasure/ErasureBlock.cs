namespace Culvert.Storage;

/// <summary>A block at hand, and which of the n it is.</summary>
/// <param name="Index">From 0; data blocks come first.</param>
/// <param name="Bytes">All of the block, padding included. Not changed, and not kept.</param>
public readonly record struct ErasureBlock(int Index, ReadOnlyMemory<byte> Bytes);
