using System.Buffers;
using System.Buffers.Binary;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>A partition's place behind a whole round.</summary>
/// <param name="Item">Which of its splits and compressed files is next.</param>
/// <param name="Offset">Where in that it goes on; 0 at its start.</param>
/// <param name="Behind">Where the first row behind the last split starts, or -1: spares a resumed run reading up to there.</param>
/// <param name="Counts">What was read.</param>
/// <param name="SetAsideBytes">What was set aside.</param>
internal readonly record struct CsvPosition(int Item, long Offset, long Behind, SourceCounts Counts, long SetAsideBytes)
{
    private const byte Version = 1;
    private const int SizeBytes = 1 + 4 + (6 * 8);

    public void Write(IBufferWriter<byte> writer)
    {
        Span<byte> bytes = writer.GetSpan(SizeBytes)[..SizeBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(bytes[1..], Item);
        ReadOnlySpan<long> values = [Offset, Behind, Counts.Rows, Counts.Bytes, Counts.Malformed, SetAsideBytes];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes[(5 + (8 * i))..], values[i]);
        }

        writer.Advance(SizeBytes);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; empty is the start. Throws <see cref="SourceFailedException"/> for anything else.</summary>
    public static CsvPosition Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return new CsvPosition(0, 0, -1, default, 0);
        }

        if (bytes.Length != SizeBytes || bytes[0] != Version)
        {
            throw new SourceFailedException("the snapshot's position in the input is damaged, or of another version");
        }

        long[] values = new long[6];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt64BigEndian(bytes[(5 + (8 * i))..]);
        }

        CsvPosition position = new(BinaryPrimitives.ReadInt32BigEndian(bytes[1..]), values[0], values[1], new SourceCounts(values[2], values[3], values[4]), values[5]);
        return position.Item >= 0 && position.Offset >= 0 && position.SetAsideBytes >= 0
            ? position
            : throw new SourceFailedException("the snapshot's position in the input is damaged");
    }
}
