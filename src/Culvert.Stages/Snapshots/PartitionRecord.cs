using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Culvert.Stages;

/// <summary>A partition's record: its meta bytes, the segments it uses, and where each page of its tables lies.</summary>
internal sealed record PartitionRecord(
    byte[] Meta, IReadOnlyList<(SegmentId Id, int Bytes)> Segments, IReadOnlyList<TableRecord> Tables)
{
    private const int SegmentFieldBytes = 16;
    private const int PageFieldBytes = 45;

    private static readonly UTF8Encoding NameEncoding = new(false, throwOnInvalidBytes: true);

    internal static byte[] Write(
        Producer producer,
        Round round,
        ReadOnlySpan<byte> meta,
        IReadOnlyDictionary<SegmentId, int> segmentBytes,
        IReadOnlyList<TableRecord> tables)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write(SnapshotFormat.RecordMark);
        writer.UInt16(SnapshotFormat.Version);
        writer.UInt16(0);
        writer.Int32(producer.Stage.Value);
        writer.Int32(producer.Partition.Value);
        writer.Int64(round.Value);
        writer.Int32(meta.Length);
        writer.Write(meta);

        SegmentId[] segments = [.. segmentBytes.Keys.Order()];
        Dictionary<SegmentId, int> indices = [];
        writer.Int32(segments.Length);
        foreach (SegmentId segment in segments)
        {
            indices.Add(segment, indices.Count);
            writer.Int64(segment.Round.Value);
            writer.Int32(segment.Ordinal);
            writer.Int32(segmentBytes[segment]);
        }

        writer.Int32(tables.Count);
        foreach (TableRecord table in tables)
        {
            byte[] name = NameEncoding.GetBytes(table.Name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, SnapshotFormat.TableNameBytesMax);
            writer.UInt16(name.Length);
            writer.Write(name);
            writer.UInt16(table.KeySize);
            writer.UInt16(table.ValueSize);
            writer.Int64(table.Count);
            writer.Int32(table.Pages.Count);
            foreach ((byte depth, PageLocation location) in table.Pages)
            {
                writer.Write([depth]);
                writer.Int32(indices[location.Segment]);
                writer.Int32(location.Offset);
                writer.Int32(location.Length);
                writer.UInt128(location.DigestHigh);
                writer.UInt128(location.DigestLow);
            }
        }

        Invariant.Holds(writer.WrittenCount <= SnapshotFormat.RecordBytesMax);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record whose digest was checked; the failure says what is wrong, the caller where.</summary>
    internal static Outcome<PartitionRecord> Read(ReadOnlySpan<byte> bytes, Producer producer, Round round)
    {
        FieldReader reader = new(bytes);
        if (!reader.Take(SnapshotFormat.RecordMark.Length).SequenceEqual(SnapshotFormat.RecordMark)
            || reader.UInt16() != SnapshotFormat.Version || reader.UInt16() != 0)
        {
            return new Failure(FailureKind.Malformed, "is not a partition's record of this version");
        }

        if (reader.Int32() != producer.Stage.Value || reader.Int32() != producer.Partition.Value || reader.Int64() != round.Value)
        {
            return new Failure(FailureKind.Integrity, "is the record of another partition or round");
        }

        int metaBytes = reader.Int32();
        byte[] meta = metaBytes <= SnapshotFormat.MetaBytesMax ? reader.Take(metaBytes).ToArray() : [];
        int segmentCount = reader.Int32();
        if (reader.IsCut || metaBytes > SnapshotFormat.MetaBytesMax || segmentCount < 0 || segmentCount > reader.Left / SegmentFieldBytes)
        {
            return new Failure(FailureKind.Malformed, "is cut or exceeds a limit");
        }

        List<(SegmentId Id, int Bytes)> segments = new(segmentCount);
        for (int i = 0; i < segmentCount; i++)
        {
            SegmentId id = new(new Round(reader.Int64()), reader.Int32());
            int length = reader.Int32();
            if (id.Round < new Round(0) || id.Round > round || id.Ordinal < 0 || (i > 0 && segments[i - 1].Id.CompareTo(id) >= 0)
                || length is <= 0 or > SnapshotFormat.SegmentBytesMax)
            {
                return new Failure(FailureKind.Malformed, "names a segment that cannot be");
            }

            segments.Add((id, length));
        }

        int tableCount = reader.Int32();
        if (tableCount is < 0 or > SnapshotFormat.TablesMax)
        {
            return new Failure(FailureKind.Malformed, "has too many tables");
        }

        List<TableRecord> tables = [];
        for (int i = 0; i < tableCount; i++)
        {
            if (ReadTable(ref reader, segments) is not { } table)
            {
                return new Failure(FailureKind.Malformed, "has a table that is cut, or whose pages cannot be");
            }

            tables.Add(table);
        }

        return reader.IsCut || reader.Left != 0
            ? new Failure(FailureKind.Malformed, "is cut or too long")
            : new PartitionRecord(meta, segments, tables);
    }

    private static TableRecord? ReadTable(ref FieldReader reader, List<(SegmentId Id, int Bytes)> segments)
    {
        int nameBytes = reader.UInt16();
        ReadOnlySpan<byte> name = reader.Take(nameBytes <= SnapshotFormat.TableNameBytesMax ? nameBytes : -1);
        int keySize = reader.UInt16();
        int valueSize = reader.UInt16();
        long count = reader.Int64();
        int pageCount = reader.Int32();
        if (reader.IsCut || !Utf8.IsValid(name) || keySize > StateTable.KeyBytesMax
            || valueSize > StateTable.FixedValueBytesMax || pageCount < 0 || pageCount > reader.Left / PageFieldBytes)
        {
            return null;
        }

        List<(byte Depth, PageLocation Location)> pages = new(pageCount);
        for (int i = 0; i < pageCount; i++)
        {
            byte depth = reader.Byte();
            int segment = reader.Int32();
            int offset = reader.Int32();
            int length = reader.Int32();
            if (segment < 0 || segment >= segments.Count || offset < 0 || length < 0
                || (long)offset + length > segments[segment].Bytes)
            {
                return null;
            }

            pages.Add((depth, new PageLocation(segments[segment].Id, offset, length, reader.UInt128(), reader.UInt128())));
        }

        return new TableRecord(NameEncoding.GetString(name), keySize, valueSize, count, pages);
    }
}
