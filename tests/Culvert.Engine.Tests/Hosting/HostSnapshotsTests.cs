using Culvert.Enclaves;
using Culvert.Kits;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Hosting;

public class HostSnapshotsTests
{
    private static readonly Round s_barrier = new(16);
    private readonly RefusingBlobs _blobs = new();

    [Fact]
    public void A_snapshot_is_committed_when_its_last_part_is_stored()
    {
        using HostSnapshots snapshots = Begin();
        snapshots.Store("partitions/a", [1]);
        Assert.Null(snapshots.Add(Part(0), partitions: 2));
        Assert.False(snapshots.Add(Part(1), partitions: 2));
        Assert.Single(_blobs.Puts, SnapshotWriter.IsManifest);
    }

    [Fact]
    public void A_snapshot_of_which_a_blob_could_not_be_stored_is_not_committed()
    {
        using HostSnapshots snapshots = Begin();
        Assert.Null(snapshots.Add(Part(0), partitions: 2));
        _blobs.Refused = "partitions/b";
        Assert.Throws<IOException>(() => snapshots.Store("partitions/b", [1]));

        // The host ends for it, but what the worker had sent behind it still comes.
        Assert.Null(snapshots.Add(Part(1), partitions: 2));
        Assert.DoesNotContain(_blobs.Puts, SnapshotWriter.IsManifest);
    }

    [Fact]
    public void Nothing_is_committed_behind_the_end()
    {
        HostSnapshots snapshots = Begin();
        Assert.Null(snapshots.Add(Part(0), partitions: 2));
        snapshots.Dispose();
        Assert.Null(snapshots.Add(Part(1), partitions: 2));
        Assert.DoesNotContain(_blobs.Puts, SnapshotWriter.IsManifest);
    }

    private static PartMessage Part(int partition) => new(new Producer(new StageId(0), new PartitionId(partition)), s_barrier, 3, new byte[32], false, ["partitions/a"]);

    private HostSnapshots Begin()
    {
        HostSnapshots snapshots = HostSnapshots.Open(_blobs, new RunId(7), default, resume: false, TimeSpan.FromDays(1), MachineClock.Instance);
        snapshots.Begin(s_barrier);
        return snapshots;
    }

    /// <summary>Blobs in memory of which one cannot be put.</summary>
    private sealed class RefusingBlobs : IBlobs
    {
        private readonly MemoryBlobs _memory = new();

        internal string? Refused { get; set; }

        internal List<string> Puts { get; } = [];

        public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            if (name == Refused)
            {
                throw new IOException("no room");
            }

            Puts.Add(name);
            return _memory.PutAsync(name, content, cancellationToken);
        }

        public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) => _memory.LengthAsync(name, cancellationToken);

        public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            _memory.ReadAsync(name, offset, destination, cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) => _memory.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => _memory.DeleteAsync(name, cancellationToken);
    }
}
