using System.Buffers;
using System.Buffers.Binary;
using Culvert.Enclaves;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// A host's store of snapshots: the blobs are sealed by the workers, the manifest is the host's own. Thread safe.
/// </summary>
internal sealed class HostSnapshots : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IBlobs _blobs;
    private readonly SnapshotWriter _writer;
    private readonly RunManifest? _resumed;
    private readonly List<PartitionSnapshot> _parts = [];
    private readonly TimeSpan _interval;
    private readonly IClock _clock;
    private readonly CancellationTokenSource _cancel = new();
    private Round _barrier;
    private bool _allFinished;
    private volatile bool _isOver;

    private HostSnapshots(IBlobs blobs, RunId run, PlanDigest plan, RunManifest? resumed, TimeSpan interval, IClock clock)
    {
        (_blobs, _resumed, _interval, _clock) = (blobs, resumed, interval, clock);
        Run = run;
        _writer = new SnapshotWriter(blobs, run, plan);
    }

    /// <summary>The run whose snapshots these are.</summary>
    internal RunId Run { get; }

    /// <summary>The round that the run goes on from, or null for a new run.</summary>
    internal Round? ResumedFrom => _resumed?.Round;

    /// <summary>True from a snapshot's beginning until it is committed.</summary>
    internal bool IsUnderWay { get; private set; }

    /// <summary>
    /// Opens blobs, which become its own: to go on from the newest snapshot, or emptied for a new run. Failures throw <see cref="JobFailedException"/>.
    /// </summary>
    internal static HostSnapshots Open(IBlobs blobs, RunId run, PlanDigest plan, bool resume, TimeSpan interval, IClock clock)
    {
        try
        {
            if (!resume)
            {
                SnapshotWriter.ClearAsync(blobs, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                return new HostSnapshots(blobs, run, plan, null, interval, clock);
            }

            Outcome<RunManifest> manifest = SnapshotReader.ReadLatestManifestAsync(blobs, plan, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return manifest.Succeeded
                ? new HostSnapshots(blobs, manifest.Value.Run, plan, manifest.Value, interval, clock)
                : throw new JobFailedException($"cannot resume: {manifest.Failure.Message}");
        }
        catch
        {
            (blobs as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Where a partition's state lies in the snapshot that is resumed; null in a new run.</summary>
    internal RestorePoint? PointOf(Producer producer)
    {
        foreach ((Producer known, int recordBytes, byte[] digest) in _resumed?.Partitions ?? [])
        {
            if (known == producer)
            {
                return new RestorePoint(_resumed!.Round, recordBytes, digest);
            }
        }

        return null;
    }

    /// <summary>Asks a run for snapshots, one interval after another.</summary>
    internal void Start(HostedRun run) => _ = AskAsync(run);

    internal void Begin(Round barrier)
    {
        lock (_lock)
        {
            IsUnderWay = true;
            _barrier = barrier;
            _parts.Clear();
            _allFinished = true;
        }
    }

    /// <summary>Stores a blob. When that fails nothing is committed any more: a manifest would name what is not there.</summary>
    internal void Store(string name, byte[] content)
    {
        try
        {
            _blobs.PutAsync(name, content, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        catch
        {
            _isOver = true;
            throw;
        }
    }

    /// <summary>A partition's part is stored. When it was the last, commits, and tells whether all partitions had finished; else null.</summary>
    internal bool? Add(PartMessage part, int partitions)
    {
        lock (_lock)
        {
            if (_isOver || !IsUnderWay || part.Round != _barrier || _parts.Any(p => p.Producer == part.Producer))
            {
                return null;
            }

            _parts.Add(PartitionSnapshot.WrittenElsewhere(part.Producer, part.Round, part.RecordBytes, part.Digest, part.Blobs));
            _allFinished &= part.Finished;
            if (_parts.Count < partitions)
            {
                return null;
            }

            try
            {
                _writer.CommitAsync(_barrier, _parts, ReadOnlyMemory<byte>.Empty, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            }
            catch
            {
                _isOver = true;
                throw;
            }

            IsUnderWay = false;
            return _allFinished;
        }
    }

    internal (byte[] Rented, int Length)? LengthOf(string name)
    {
        if (LengthOfBlob(name) is not { } length)
        {
            return null;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(rented, length);
        return (rented, sizeof(long));
    }

    internal (byte[] Rented, int Length)? ReadBlob(string name)
    {
        if (LengthOfBlob(name) is not { } length || length > ChannelLimits.MessageBytesMax - 64)
        {
            return null;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent((int)length);
        int read = _blobs.ReadAsync(name, 0, rented.AsMemory(0, (int)length), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return (rented, read);
    }

    public void Dispose()
    {
        _cancel.Cancel();
        lock (_lock)
        {
            // Workers may still send: what they stored is refused from here on, and so is a manifest that names it.
            _isOver = true;
        }

        (_blobs as IDisposable)?.Dispose();
    }

    private long? LengthOfBlob(string name) => _blobs.LengthAsync(name, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private async Task AskAsync(HostedRun run)
    {
        try
        {
            while (true)
            {
                await _clock.Delay(_interval, _cancel.Token).ConfigureAwait(false);
                run.SnapshotIsDue();
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
