using Culvert.Cli.Stores;
using Culvert.Kits;

namespace Culvert.Cli.Tests.Stores;

public class SnapshotsInFlightTests
{
    private static readonly byte[] s_content = [1, 2, 3];
    private readonly GatedBlobs _gated = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_manifest_waits_for_what_it_names()
    {
        using SnapshotsInFlight blobs = new(_gated);
        await blobs.PutAsync("partitions/a", s_content, Cancel);
        await blobs.PutAsync("segments/b", s_content, Cancel);

        Task manifest = blobs.PutAsync("manifests/r1", s_content, Cancel).AsTask();
        Assert.False(manifest.IsCompleted);
        _gated.Gate.SetResult();
        await manifest;

        Assert.Equal("manifests/r1", _gated.Puts[^1]);
        Assert.Equal(["partitions/a", "segments/b"], _gated.Puts[..2].Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_put_that_failed_fails_every_manifest_behind_it_whoever_waited_before()
    {
        using SnapshotsInFlight blobs = new(_gated);
        await blobs.PutAsync("partitions/full", s_content, Cancel);
        _gated.Gate.SetException(new IOException("no room"));

        IOException failure = await Assert.ThrowsAsync<IOException>(() => blobs.PutAsync("manifests/r1", s_content, Cancel).AsTask());
        Assert.Equal("no room", failure.Message);
        Assert.Empty(_gated.Puts);

        _gated.Gate = new TaskCompletionSource();
        _gated.Gate.SetResult();
        await Assert.ThrowsAsync<IOException>(() => blobs.PutAsync("manifests/r2", s_content, Cancel).AsTask());
        Assert.Empty(_gated.Puts);
    }

    [Fact]
    public async Task Puts_and_removals_of_one_name_keep_their_order_and_reads_wait_for_them()
    {
        using SnapshotsInFlight blobs = new(_gated);
        byte[] content = [1];
        await blobs.PutAsync("segments/a", content, Cancel);
        content[0] = 9;
        await blobs.DeleteAsync("segments/a", Cancel);
        await blobs.PutAsync("segments/a", s_content, Cancel);
        Task<long?> length = blobs.LengthAsync("segments/a", Cancel).AsTask();
        Assert.False(length.IsCompleted);
        _gated.Gate.SetResult();

        Assert.Equal(3, await length);
        byte[] back = new byte[3];
        Assert.Equal(3, await blobs.ReadAsync("segments/a", 0, back, Cancel));
        Assert.Equal(s_content, back);
        Assert.Equal(["segments/a"], await blobs.ListAsync("segments/", Cancel));
    }

    [Fact]
    public async Task No_more_are_under_way_than_memory_is_meant_for()
    {
        using SnapshotsInFlight blobs = new(_gated);
        for (int i = 0; i < 8; i++)
        {
            await blobs.PutAsync($"segments/{i}", s_content, Cancel);
        }

        Task ninth = blobs.PutAsync("segments/8", s_content, Cancel).AsTask();
        Assert.False(ninth.IsCompleted);
        _gated.Gate.SetResult();
        await ninth;
        await blobs.SettleAsync();
        Assert.Equal(9, _gated.Puts.Count);
    }

    /// <summary>Blobs in memory that do nothing before a gate opens.</summary>
    private sealed class GatedBlobs : IBlobs
    {
        private readonly MemoryBlobs _memory = new();
        private readonly Lock _lock = new();

        internal TaskCompletionSource Gate { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal List<string> Puts { get; } = [];

        public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            await Gate.Task;
            lock (_lock)
            {
                Puts.Add(name);
            }

            await _memory.PutAsync(name, content, cancellationToken);
        }

        public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) => _memory.LengthAsync(name, cancellationToken);

        public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            _memory.ReadAsync(name, offset, destination, cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) => _memory.ListAsync(prefix, cancellationToken);

        public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
        {
            await Gate.Task;
            await _memory.DeleteAsync(name, cancellationToken);
        }
    }
}
