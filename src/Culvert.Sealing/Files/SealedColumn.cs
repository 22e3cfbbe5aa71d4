namespace Culvert.Sealing;

/// <summary>A column of a row group that is to be sealed.</summary>
/// <param name="Encoding">How it is encoded, for those who open it; at most <see cref="SealedFileLimits.EncodingBytesMax"/> bytes, opaque here.</param>
/// <param name="Plain">Its bytes, at most <see cref="SealedFileLimits.ColumnBytesMax"/>; the caller's, and only read.</param>
public readonly record struct SealedColumn(ReadOnlyMemory<byte> Encoding, ReadOnlyMemory<byte> Plain);
