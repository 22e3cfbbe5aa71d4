using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Culvert.Stages;

/// <summary>
/// Stores snapshots of a run, incrementally: pages that did not change since a partition's last snapshot are referred to, not
/// written. A snapshot exists once <see cref="CommitAsync"/> has put its manifest; before that, and after a crash at any
/// moment, the one before it is the newest. Failures of the store are thrown by the store.
/// </summary>
public sealed class SnapshotWriter
{
    private readonly IBlobs _blobs;
    private readonly RunId _run;
    private readonly PlanDigest _plan;
    private readonly ConcurrentDictionary<Producer, PartitionLocations> _locations = new();

    // Megabytes each: made anew for every partition they would set off one full collection after the other.
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private IReadOnlyCollection<string> _lastBlobs = [];
    private Round _lastRound = Round.None;

    /// <summary>Makes a writer for a new run, or for one that goes on from <paramref name="resumed"/>, out of the same store.</summary>
    public SnapshotWriter(IBlobs blobs, RunId run, PlanDigest plan, RunSnapshot? resumed = null)
    {
        _blobs = blobs;
        _run = run;
        _plan = plan;
        if (resumed is null)
        {
            return;
        }

        Invariant.Holds(resumed.Run == run && resumed.Plan == plan);
        foreach (RestoredPartition partition in resumed.Partitions)
        {
            _locations[partition.Producer] = partition.Locations;
        }

        _lastRound = resumed.Round;
        _lastBlobs = [SnapshotFormat.ManifestName(resumed.Round), .. resumed.Partitions.SelectMany(partition => partition.Blobs)];
    }

    /// <summary>Goes on from a partition that was loaded alone: what it has is not written again.</summary>
    public void Adopt(RestoredPartition partition) => _locations[partition.Producer] = partition.Locations;

    /// <summary>
    /// Removes every snapshot of a store, for a new run that is to write there: its rounds begin at 0 again, and an older run's
    /// manifest would pass for the newest.
    /// </summary>
    public static async ValueTask ClearAsync(IBlobs blobs, CancellationToken cancellationToken)
    {
        foreach (string prefix in SnapshotFormat.Prefixes)
        {
            foreach (string name in await blobs.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                await blobs.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>True for the blob that makes a snapshot complete: what it names has to be there before it.</summary>
    public static bool IsManifest(string name) => name.StartsWith(SnapshotFormat.ManifestPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Writes a partition's part of the snapshot of a round. For different partitions it may be called at the same time; for one,
    /// in order of rounds. The versions are the caller's, to be disposed when the call has completed.
    /// </summary>
    public async ValueTask<PartitionSnapshot> WritePartitionAsync(
        Producer producer,
        Round round,
        ReadOnlyMemory<byte> meta,
        IReadOnlyList<(string Name, StateVersion Version)> tables,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(meta.Length, SnapshotFormat.MetaBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tables.Count, SnapshotFormat.TablesMax);
        Invariant.Holds(round > _lastRound);
        PartitionLocations before = _locations.GetValueOrDefault(producer) ?? new PartitionLocations();
        HashSet<SegmentId> givenUp = SegmentsToGiveUp(before, tables);
        PartitionLocations after = new();
        ArrayBufferWriter<byte> buffer = _buffers.TryTake(out ArrayBufferWriter<byte>? used) ? used : new ArrayBufferWriter<byte>();
        SegmentBuffer segment = new(producer, round, buffer);
        List<TableRecord> records = [];
        long written = 0;
        long pagesWritten = 0;
        foreach ((string name, StateVersion version) in tables)
        {
            Dictionary<ulong, PageLocation> byStamp = new((int)version.PageCount);
            TableRecord record = new(name, version.KeySize, version.ValueSize, version.Count, new((int)version.PageCount));
            int at = 0;
            while (version.TryNextPage(ref at, out StatePageName page))
            {
                if (!before.TryFind(name, version, page.Stamp, out PageLocation location) || givenUp.Contains(location.Segment))
                {
                    location = segment.Add(version, page);
                    pagesWritten++;
                    if (segment.Length >= SnapshotFormat.SegmentBytesTarget)
                    {
                        written += await PutSegmentAsync(segment, after, cancellationToken).ConfigureAwait(false);
                    }
                }
                else
                {
                    after.AddSegment(location.Segment, before.SegmentBytes[location.Segment]);
                }

                byStamp.Add(page.Stamp, location);
                record.Pages.Add(((byte)page.Depth, location));
            }

            after.AddTable(name, version.Origin, byStamp);
            records.Add(record);
        }

        written += await PutSegmentAsync(segment, after, cancellationToken).ConfigureAwait(false);
        _buffers.Add(buffer);
        byte[] content = PartitionRecord.Write(producer, round, meta.Span, after.SegmentBytes, records);
        string recordName = SnapshotFormat.RecordName(producer, round);
        await _blobs.PutAsync(recordName, content, cancellationToken).ConfigureAwait(false);
        _locations[producer] = after;
        return new PartitionSnapshot(
            producer,
            round,
            content.Length,
            SHA256.HashData(content),
            [recordName, .. after.SegmentBytes.Keys.Select(id => SnapshotFormat.SegmentName(producer, id))],
            written + content.Length,
            pagesWritten);
    }

    /// <summary>
    /// Makes the snapshot of a round exist: all its partitions were written for this round. Then removes what no kept
    /// snapshot needs. One call at a time, in order of rounds.
    /// </summary>
    public async ValueTask CommitAsync(
        Round round,
        IReadOnlyCollection<PartitionSnapshot> partitions,
        ReadOnlyMemory<byte> runMeta,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runMeta.Length, SnapshotFormat.MetaBytesMax);
        Invariant.Holds(round > _lastRound && partitions.All(partition => partition.Round == round));
        PartitionSnapshot[] ordered = [.. partitions.OrderBy(partition => partition.Producer)];
        byte[] manifest = RunManifest.Write(_run, _plan, round, runMeta.Span, ordered);
        string name = SnapshotFormat.ManifestName(round);
        await _blobs.PutAsync(name, manifest, cancellationToken).ConfigureAwait(false);

        string[] blobs = [name, .. ordered.SelectMany(partition => partition.Blobs)];
        HashSet<string> kept = new(blobs, StringComparer.Ordinal);
        kept.UnionWith(_lastBlobs);
        _lastRound = round;
        _lastBlobs = blobs;
        await CollectAsync(kept, round, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CollectAsync(HashSet<string> kept, Round committed, CancellationToken cancellationToken)
    {
        foreach (string prefix in SnapshotFormat.Prefixes)
        {
            foreach (string name in await _blobs.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                // Later rounds may be being written right now.
                if (!kept.Contains(name) && SnapshotFormat.RoundOf(name) is { } round && round <= committed)
                {
                    await _blobs.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask<long> PutSegmentAsync(SegmentBuffer segment, PartitionLocations after, CancellationToken cancellationToken)
    {
        if (segment.Length == 0)
        {
            return 0;
        }

        await _blobs.PutAsync(SnapshotFormat.SegmentName(segment.Producer, segment.Id), segment.Content, cancellationToken)
            .ConfigureAwait(false);
        after.AddSegment(segment.Id, segment.Length);
        long bytes = segment.Length;
        segment.StartNext();
        return bytes;
    }

    private static HashSet<SegmentId> SegmentsToGiveUp(
        PartitionLocations before, IReadOnlyList<(string Name, StateVersion Version)> tables)
    {
        Dictionary<SegmentId, long> live = [];
        foreach ((string name, StateVersion version) in tables)
        {
            int at = 0;
            while (version.TryNextPage(ref at, out StatePageName page))
            {
                if (before.TryFind(name, version, page.Stamp, out PageLocation location))
                {
                    live[location.Segment] = live.GetValueOrDefault(location.Segment) + location.Length;
                }
            }
        }

        return SegmentChoice.ToGiveUp(before.SegmentBytes, live);
    }

    private sealed class SegmentBuffer(Producer producer, Round round, ArrayBufferWriter<byte> writer)
    {
        private readonly ArrayBufferWriter<byte> _writer = writer; // empty

        internal Producer Producer => producer;

        internal SegmentId Id { get; private set; } = new(round, 0);

        internal int Length => _writer.WrittenCount;

        internal ReadOnlyMemory<byte> Content => _writer.WrittenMemory;

        internal PageLocation Add(StateVersion version, StatePageName page)
        {
            int offset = _writer.WrittenCount;
            version.EncodePage(page, _writer);
            return PageLocation.Of(Id, offset, _writer.WrittenSpan[offset..]);
        }

        internal void StartNext()
        {
            _writer.ResetWrittenCount();
            Id = new SegmentId(Id.Round, Id.Ordinal + 1);
        }
    }
}
