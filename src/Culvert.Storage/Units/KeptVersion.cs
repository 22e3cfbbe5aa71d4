using System.Buffers;

namespace Culvert.Storage;

/// <summary>A version of a unit that is kept, as a metadata record lists it.</summary>
/// <param name="Number">1 for the first put, then one more each time.</param>
/// <param name="TimeMs">When it was put, by its writer's clock, ms since 1970.</param>
/// <param name="Bytes">Length of the value.</param>
/// <param name="Value">The value's id.</param>
/// <param name="Descriptor">Digest of its descriptor.</param>
/// <param name="Holder">Counter of the record that holds the descriptor; 0 when that is an object of its own.</param>
/// <param name="Writer">Who put it.</param>
public sealed record KeptVersion(long Number, long TimeMs, long Bytes, ValueId Value, ContentDigest Descriptor, long Holder, WriterId Writer)
{
    internal const int SizeBytes = 88;

    internal void WriteTo(IBufferWriter<byte> writer)
    {
        writer.Int64(Number);
        writer.Int64(TimeMs);
        writer.Int64(Bytes);
        writer.UInt128(Value.Value);
        Descriptor.WriteTo(writer);
        writer.Int64(Holder);
        writer.Int64(unchecked((long)Writer.Value));
    }

    internal static KeptVersion ReadFrom(ref FieldReader reader) => new(
        reader.Int64(),
        reader.Int64(),
        reader.Int64(),
        new ValueId(reader.UInt128()),
        ContentDigest.ReadFrom(ref reader),
        reader.Int64(),
        new WriterId(unchecked((ulong)reader.Int64())));
}
