using System.Security.Cryptography;

namespace Culvert.Stages;

/// <summary>Reads the newest snapshot of a store, and believes nothing in it that its digests do not bear out.</summary>
public static class SnapshotReader
{
    /// <summary>
    /// Loads the newest snapshot, all of it. Fails, naming the blob and what is wrong with it, when there is none
    /// (<see cref="FailureKind.Missing"/>), when it is another plan's or of a newer format
    /// (<see cref="FailureKind.Mismatch"/>), and when any of its bytes was altered, cut or lost. It never falls back to an older
    /// one by itself: the message says how to.
    /// </summary>
    public static async ValueTask<Outcome<RunSnapshot>> OpenLatestAsync(
        IBlobs blobs, PlanDigest plan, CancellationToken cancellationToken, StateBudget? budget = null)
    {
        IReadOnlyList<string> names =
            await blobs.ListAsync(SnapshotFormat.ManifestPrefix, cancellationToken).ConfigureAwait(false);
        if (names.Count == 0)
        {
            return new Failure(FailureKind.Missing, "there is no snapshot here: no blob under " + SnapshotFormat.ManifestPrefix);
        }

        Outcome<RunSnapshot> outcome = await OpenAsync(blobs, names[^1], plan, budget, cancellationToken).ConfigureAwait(false);
        if (outcome.Failure is not { } failure || failure.Kind == FailureKind.Mismatch || names.Count == 1)
        {
            return outcome;
        }

        return failure with
        {
            Message = $"{failure.Message}. An older snapshot is there, {names[^2]}: to resume from it, remove {names[^1]}",
        };
    }

    /// <summary>
    /// Reads what the newest snapshot of a store consists of, and nothing of its partitions: for whoever keeps snapshots that
    /// others load. Fails as <see cref="OpenLatestAsync"/> does.
    /// </summary>
    public static async ValueTask<Outcome<RunManifest>> ReadLatestManifestAsync(IBlobs blobs, PlanDigest plan, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names =
            await blobs.ListAsync(SnapshotFormat.ManifestPrefix, cancellationToken).ConfigureAwait(false);
        return names.Count == 0
            ? new Failure(FailureKind.Missing, "there is no snapshot here: no blob under " + SnapshotFormat.ManifestPrefix)
            : await ReadManifestAsync(blobs, names[^1], plan, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Loads one partition of a snapshot, by what its manifest says of it. What is wrong is told as by
    /// <see cref="OpenLatestAsync"/>; a store that refuses to give a blob is an integrity failure.
    /// </summary>
    public static async ValueTask<Outcome<RestoredPartition>> LoadPartitionAsync(
        IBlobs blobs, Producer producer, Round round, int recordBytes, byte[] digest, StateBudget? budget, CancellationToken cancellationToken)
    {
        try
        {
            return await LoadAsync(blobs, producer, round, recordBytes, digest, budget, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException refused)
        {
            return new Failure(FailureKind.Integrity, refused.Message);
        }
    }

    private static async ValueTask<Outcome<RunManifest>> ReadManifestAsync(
        IBlobs blobs, string name, PlanDigest plan, CancellationToken cancellationToken)
    {
        if (SnapshotFormat.RoundOf(name) is not { } round || name != SnapshotFormat.ManifestName(round))
        {
            return new Failure(FailureKind.Malformed, $"{name}: no manifest has such a name");
        }

        Outcome<byte[]> bytes = await ReadAsync(blobs, name, null, SnapshotFormat.ManifestBytesMax, cancellationToken)
            .ConfigureAwait(false);
        if (bytes.Failure is { } unread)
        {
            return unread;
        }

        Outcome<RunManifest> manifest = RunManifest.Read(bytes.Value, plan, round);
        return manifest.Failure is { } flaw ? flaw with { Message = $"{name} {flaw.Message}" } : manifest;
    }

    private static async ValueTask<Outcome<RunSnapshot>> OpenAsync(
        IBlobs blobs, string name, PlanDigest plan, StateBudget? budget, CancellationToken cancellationToken)
    {
        Outcome<RunManifest> manifest = await ReadManifestAsync(blobs, name, plan, cancellationToken).ConfigureAwait(false);
        if (manifest.Failure is { } unread)
        {
            return unread;
        }

        Round round = manifest.Value.Round;
        List<RestoredPartition> partitions = [];
        foreach ((Producer producer, int recordBytes, byte[] digest) in manifest.Value.Partitions)
        {
            Outcome<RestoredPartition> partition = await LoadAsync(blobs, producer, round, recordBytes, digest, budget, cancellationToken)
                .ConfigureAwait(false);
            if (partition.Failure is { } failure)
            {
                foreach ((_, StateTable table) in partitions.SelectMany(loaded => loaded.Tables))
                {
                    table.Dispose();
                }

                return failure;
            }

            partitions.Add(partition.Value);
        }

        return new RunSnapshot(manifest.Value.Run, plan, round, manifest.Value.Meta, partitions);
    }

    private static async ValueTask<Outcome<RestoredPartition>> LoadAsync(
        IBlobs blobs, Producer producer, Round round, int recordBytes, byte[] digest, StateBudget? budget, CancellationToken cancellationToken)
    {
        string name = SnapshotFormat.RecordName(producer, round);
        Outcome<byte[]> bytes = await ReadAsync(blobs, name, recordBytes, SnapshotFormat.RecordBytesMax, cancellationToken)
            .ConfigureAwait(false);
        if (bytes.Failure is { } unread)
        {
            return unread;
        }

        if (!SHA256.HashData(bytes.Value).AsSpan().SequenceEqual(digest))
        {
            return new Failure(FailureKind.Integrity, $"{name} was altered: it does not have the digest that the manifest gives");
        }

        Outcome<PartitionRecord> record = PartitionRecord.Read(bytes.Value, producer, round);
        if (record.Failure is { } flaw)
        {
            return flaw with { Message = $"{name} {flaw.Message}" };
        }

        using PartitionLoad load = new(producer, record.Value, budget);
        if (load.Begin() is { } impossible)
        {
            return impossible with { Message = $"{name} {impossible.Message}" };
        }

        foreach ((SegmentId id, int length) in record.Value.Segments)
        {
            string segment = SnapshotFormat.SegmentName(producer, id);
            Outcome<byte[]> content = await ReadAsync(blobs, segment, length, SnapshotFormat.SegmentBytesMax, cancellationToken)
                .ConfigureAwait(false);
            if (content.Failure is { } lost)
            {
                return lost;
            }

            if (load.AddSegment(id, content.Value) is { } damaged)
            {
                return damaged with { Message = $"{segment} {damaged.Message}" };
            }
        }

        return load.Finish(name);
    }

    private static async ValueTask<Outcome<byte[]>> ReadAsync(
        IBlobs blobs, string name, int? lengthWanted, int lengthMax, CancellationToken cancellationToken)
    {
        long? length = await blobs.LengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is null)
        {
            return new Failure(FailureKind.Missing, $"{name} is missing");
        }

        if (length > lengthMax || (lengthWanted is { } wanted && length != wanted))
        {
            return new Failure(
                FailureKind.Integrity,
                $"{name} has {length} bytes, and {(lengthWanted is { } exact ? $"{exact} were" : $"at most {lengthMax} can have been")} written");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length.Value);
        int read = await blobs.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
        return read == bytes.Length
            ? bytes
            : new Failure(FailureKind.Io, $"{name} ended after {read} of {bytes.Length} bytes");
    }
}
