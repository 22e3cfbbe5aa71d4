using Culvert.Kits;

namespace Culvert.Storage.Tests;

public sealed class StoreBlobsTests : BlobsConformance, IAsyncLifetime
{
    private readonly TestStore _test = new();
    private Store? _store;
    private StoreBlobs? _blobs;

    protected override IBlobs Blobs => _blobs!;

    public async ValueTask InitializeAsync()
    {
        _store = await _test.CreateAsync();
        _blobs = new StoreBlobs(_store, "jobs/grid/");
    }

    public async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        _test.Dispose();
    }

    [Fact]
    public async Task A_blob_of_several_chunks_is_read_in_parts_with_one_look_at_its_metadata()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        byte[] content = TestStore.Bytes(1000);
        await Blobs.PutAsync("a", content, cancel);
        int lists = Lists();
        byte[] read = new byte[1000];
        for (int at = 0; at < 1000; at += 10)
        {
            Assert.Equal(10, await Blobs.ReadAsync("a", at, read.AsMemory(at, 10), cancel));
        }

        Assert.Equal(content, read);
        Assert.Equal(lists + 1, Lists());
        Assert.True(_test.Clouds.Sum(cloud => cloud.Calls.Count(call => call.StartsWith("get", StringComparison.Ordinal))) < 16 * 2 * 4);

        int Lists() => _test.Clouds[0].Calls.Count(call => call.StartsWith("list u/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_blob_that_was_replaced_by_another_client_is_read_anew()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await Blobs.PutAsync("a", TestStore.Bytes(100, 1), cancel);
        byte[] read = new byte[50];
        await Blobs.ReadAsync("a", 0, read, cancel);
        await using Store other = await _test.OpenAsync();
        await new StoreBlobs(other, "jobs/grid/").PutAsync("a", TestStore.Bytes(100, 2), cancel);
        await other.FlushAsync();
        Assert.Equal(50, await Blobs.ReadAsync("a", 64, read, cancel) + 14);
        Assert.Equal(TestStore.Bytes(100, 2)[64..], read[..36]);
    }
}
