namespace Culvert.Stages;

/// <summary>A partition of a snapshot that was read back.</summary>
public sealed class RestoredPartition
{
    internal RestoredPartition(
        Producer producer, byte[] meta, IReadOnlyList<(string Name, StateTable Table)> tables, PartitionLocations locations, IReadOnlyCollection<string> blobs)
    {
        Producer = producer;
        Meta = meta;
        Tables = tables;
        Locations = locations;
        Blobs = blobs;
    }

    /// <summary>The partition.</summary>
    public Producer Producer { get; }

    /// <summary>What the partition gave as its meta bytes.</summary>
    public ReadOnlyMemory<byte> Meta { get; }

    /// <summary>Its tables, as they were named and ordered; the caller's to dispose.</summary>
    public IReadOnlyList<(string Name, StateTable Table)> Tables { get; }

    internal PartitionLocations Locations { get; }

    internal IReadOnlyCollection<string> Blobs { get; }
}
