namespace Culvert.Stages;

/// <summary>A partition's part of a snapshot that has been written and waits for <see cref="SnapshotWriter.CommitAsync"/>.</summary>
public sealed class PartitionSnapshot
{
    internal PartitionSnapshot(
        Producer producer, Round round, int recordBytes, byte[] digest, IReadOnlyCollection<string> blobs, long writtenBytes, long pagesWritten)
    {
        Producer = producer;
        Round = round;
        RecordBytes = recordBytes;
        Digest = digest;
        Blobs = blobs;
        WrittenBytes = writtenBytes;
        PagesWritten = pagesWritten;
    }

    /// <summary>A part that was written elsewhere, by what its writer says of it.</summary>
    public static PartitionSnapshot WrittenElsewhere(Producer producer, Round round, int recordBytes, byte[] digest, IReadOnlyCollection<string> blobs) =>
        new(producer, round, recordBytes, digest, blobs, 0, 0);

    /// <summary>The partition.</summary>
    public Producer Producer { get; }

    /// <summary>The round at whose end the state was taken.</summary>
    public Round Round { get; }

    /// <summary>Bytes that this snapshot wrote: changed pages and the record.</summary>
    public long WrittenBytes { get; }

    /// <summary>Pages that this snapshot wrote.</summary>
    public long PagesWritten { get; }

    /// <summary>Length of its record.</summary>
    public int RecordBytes { get; }

    /// <summary>SHA-256 of its record.</summary>
    public byte[] Digest { get; }

    /// <summary>The names of the blobs that hold it.</summary>
    public IReadOnlyCollection<string> Blobs { get; }
}
