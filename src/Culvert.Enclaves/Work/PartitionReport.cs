using System.Buffers;
using System.Collections.Immutable;

namespace Culvert.Enclaves;

/// <summary>What a partition tells the owner, sealed on the edge of reports.</summary>
/// <param name="Rows">Rows that a source's partition has read, malformed ones included; of other partitions, rows taken in.</param>
/// <param name="Malformed">Rows that could not be read.</param>
/// <param name="Late">Events that came too late for their windows.</param>
/// <param name="Finished">Whether this is the partition's last.</param>
/// <param name="Failure">What went wrong, in words that may show data; null when nothing did.</param>
public sealed record PartitionReport(long Rows, long Malformed, long Late, bool Finished, string? Failure)
{
    private const int TextBytesMax = 1 << 16;

    internal void Write(IBufferWriter<byte> writer)
    {
        writer.Int64(Rows);
        writer.Int64(Malformed);
        writer.Int64(Late);
        writer.Byte(Finished ? (byte)1 : (byte)0);
        writer.Text(Failure is null ? "" : Failure.Length > TextBytesMax / 4 ? Failure[..(TextBytesMax / 4)] : Failure);
    }

    internal static Outcome<PartitionReport> Read(ReadOnlySpan<byte> payload)
    {
        FieldReader reader = new(payload);
        PartitionReport report = new(reader.Int64(), reader.Int64(), reader.Int64(), reader.Byte() == 1, reader.Text(TextBytesMax));
        return reader.IsCut || reader.Left > 0
            ? new Failure(FailureKind.Malformed, "a partition's report is cut or too long")
            : report with { Failure = report.Failure is "" ? null : report.Failure };
    }
}
