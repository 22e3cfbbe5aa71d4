namespace Culvert.Stages;

/// <summary>Builds a partition's tables from its segments, one segment in memory at a time. Owns the tables until it has finished.</summary>
internal sealed class PartitionLoad(Producer producer, PartitionRecord record, StateBudget? budget = null) : IDisposable
{
    private readonly List<(string Name, StateTable Table)> _tables = [];
    private readonly Dictionary<SegmentId, List<(int Table, ulong Prefix, PageLocation Location)>> _pages = [];
    private readonly PartitionLocations _locations = new();
    private bool _finished;

    /// <summary>Makes the empty tables; says what is wrong with the record, or null.</summary>
    internal Failure? Begin()
    {
        foreach ((SegmentId id, int bytes) in record.Segments)
        {
            _locations.AddSegment(id, bytes);
            _pages.Add(id, []);
        }

        foreach (TableRecord tableRecord in record.Tables)
        {
            byte[] depths = [.. tableRecord.Pages.Select(page => page.Depth)];
            if (StateTable.TryRestore(tableRecord.KeySize, tableRecord.ValueSize, depths, budget) is not { } table)
            {
                return new Failure(FailureKind.Malformed, $"has pages of table {tableRecord.Name} that do not cover every hash once");
            }

            Dictionary<ulong, PageLocation> byStamp = new(depths.Length);
            ulong prefix = 0;
            foreach ((byte depth, PageLocation location) in tableRecord.Pages)
            {
                _pages[location.Segment].Add((_tables.Count, prefix, location));
                byStamp.Add((ulong)byStamp.Count + 1, location);
                prefix += 1UL << (64 - depth);
            }

            _tables.Add((tableRecord.Name, table));
            _locations.AddTable(tableRecord.Name, table, byStamp);
        }

        return null;
    }

    /// <summary>Fills the pages that a segment holds; says what is wrong with it, or null.</summary>
    internal Failure? AddSegment(SegmentId id, ReadOnlySpan<byte> content)
    {
        foreach ((int table, ulong prefix, PageLocation location) in _pages[id])
        {
            ReadOnlySpan<byte> payload = content.Slice(location.Offset, location.Length);
            if (PageLocation.Of(id, location.Offset, payload) != location)
            {
                return new Failure(
                    FailureKind.Integrity,
                    $"was altered between bytes {location.Offset} and {location.Offset + location.Length}: they do not have the digest of their page");
            }

            if (_tables[table].Table.RestorePage(prefix, payload) is { } flaw)
            {
                return new Failure(FailureKind.Malformed, $"has a page at byte {location.Offset} where {flaw}");
            }
        }

        return null;
    }

    internal Outcome<RestoredPartition> Finish(string recordName)
    {
        for (int i = 0; i < _tables.Count; i++)
        {
            if (_tables[i].Table.Count != record.Tables[i].Count)
            {
                return new Failure(FailureKind.Malformed, $"{recordName} counts other entries in table {_tables[i].Name} than its pages hold");
            }
        }

        _finished = true;
        return new RestoredPartition(
            producer,
            record.Meta,
            _tables,
            _locations,
            [recordName, .. record.Segments.Select(segment => SnapshotFormat.SegmentName(producer, segment.Id))]);
    }

    /// <summary>Disposes the tables unless they were handed out.</summary>
    public void Dispose()
    {
        if (_finished)
        {
            return;
        }

        foreach ((_, StateTable table) in _tables)
        {
            table.Dispose();
        }
    }
}
