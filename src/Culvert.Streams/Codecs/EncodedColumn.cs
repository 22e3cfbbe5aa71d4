namespace Culvert.Streams;

/// <summary>A column of a row group as bytes (docs/specs/column.md); valid until its builder goes on.</summary>
/// <param name="Encoding">What a reader needs first.</param>
/// <param name="Values">The values.</param>
public readonly record struct EncodedColumn(ReadOnlyMemory<byte> Encoding, ReadOnlyMemory<byte> Values);
