namespace Culvert.Stages;

/// <summary>Where a partition's pages were last stored: what the next snapshot need not write again.</summary>
internal sealed class PartitionLocations
{
    private readonly Dictionary<string, TablePages> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<SegmentId, int> _segmentBytes = [];

    /// <summary>The segments referred to, and how long each is.</summary>
    internal IReadOnlyDictionary<SegmentId, int> SegmentBytes => _segmentBytes;

    internal void AddSegment(SegmentId segment, int bytes) => _segmentBytes[segment] = bytes;

    internal void AddTable(string name, StateTable origin, Dictionary<ulong, PageLocation> byStamp) =>
        _tables[name] = new TablePages(origin, byStamp);

    /// <summary>Finds where a page of a version is stored already.</summary>
    internal bool TryFind(string table, StateVersion version, ulong stamp, out PageLocation location)
    {
        location = default;
        return _tables.TryGetValue(table, out TablePages? pages)
            && ReferenceEquals(pages.Origin, version.Origin)
            && pages.ByStamp.TryGetValue(stamp, out location);
    }

    private sealed record TablePages(StateTable Origin, Dictionary<ulong, PageLocation> ByStamp);
}
