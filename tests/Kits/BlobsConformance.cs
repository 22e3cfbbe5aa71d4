using System.Text;

namespace Culvert.Kits;

/// <summary>What every <see cref="IBlobs"/> does.</summary>
public abstract class BlobsConformance
{
    protected abstract IBlobs Blobs { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_put_is_read_back_in_whole_and_in_parts()
    {
        await Blobs.PutAsync("a/b/c", Bytes("0123456789"), Cancel);
        Assert.Equal(10, await Blobs.LengthAsync("a/b/c", Cancel));
        Assert.Equal("0123456789", await Read("a/b/c", 0, 10));
        Assert.Equal("345", await Read("a/b/c", 3, 3));
        Assert.Equal("89", await Read("a/b/c", 8, 10));
        Assert.Equal("", await Read("a/b/c", 10, 10));
        Assert.Equal("", await Read("a/b/c", 11, 10));
    }

    [Fact]
    public async Task A_blob_that_is_not_there_has_no_length_and_no_bytes()
    {
        Assert.Null(await Blobs.LengthAsync("none", Cancel));
        Assert.Null(await Blobs.LengthAsync("no/ne", Cancel));
        Assert.Equal("", await Read("none", 0, 4));
        await Blobs.DeleteAsync("none", Cancel);
        await Blobs.DeleteAsync("no/ne", Cancel);
        Assert.Empty(await Blobs.ListAsync("", Cancel));
    }

    [Fact]
    public async Task Putting_again_replaces_all_of_a_blob()
    {
        await Blobs.PutAsync("blob", Bytes("a long content"), Cancel);
        await Blobs.PutAsync("blob", Bytes("short"), Cancel);
        Assert.Equal(5, await Blobs.LengthAsync("blob", Cancel));
        Assert.Equal("short", await Read("blob", 0, 100));
    }

    [Fact]
    public async Task An_empty_blob_is_there()
    {
        await Blobs.PutAsync("empty", ReadOnlyMemory<byte>.Empty, Cancel);
        Assert.Equal(0, await Blobs.LengthAsync("empty", Cancel));
        Assert.Equal(["empty"], await Blobs.ListAsync("", Cancel));
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_in_ordinal_order()
    {
        foreach (string name in new[] { "b/2", "b/10", "a", "b/B", "b/a/x", "bb" })
        {
            await Blobs.PutAsync(name, Bytes(name), Cancel);
        }

        Assert.Equal(["a", "b/10", "b/2", "b/B", "b/a/x", "bb"], await Blobs.ListAsync("", Cancel));
        Assert.Equal(["b/10", "b/2", "b/B", "b/a/x"], await Blobs.ListAsync("b/", Cancel));
        Assert.Equal(["b/10"], await Blobs.ListAsync("b/1", Cancel));
        Assert.Empty(await Blobs.ListAsync("c/", Cancel));
    }

    [Fact]
    public async Task A_deleted_blob_is_gone_and_the_others_stay()
    {
        await Blobs.PutAsync("x/1", Bytes("1"), Cancel);
        await Blobs.PutAsync("x/2", Bytes("2"), Cancel);
        await Blobs.DeleteAsync("x/1", Cancel);
        Assert.Null(await Blobs.LengthAsync("x/1", Cancel));
        Assert.Equal(["x/2"], await Blobs.ListAsync("x/", Cancel));
        Assert.Equal("2", await Read("x/2", 0, 9));
    }

    [Fact]
    public async Task The_buffer_is_the_callers_again_once_a_put_has_completed()
    {
        byte[] buffer = Encoding.ASCII.GetBytes("before");
        await Blobs.PutAsync("blob", buffer, Cancel);
        buffer.AsSpan().Fill((byte)'x');
        Assert.Equal("before", await Read("blob", 0, 6));
    }

    [Fact]
    public async Task Many_puts_at_the_same_time_are_all_there()
    {
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async i => await Blobs.PutAsync($"n/{i:d2}", Bytes($"{i}"), Cancel)));
        Assert.Equal(32, (await Blobs.ListAsync("n/", Cancel)).Count);
        Assert.Equal("17", await Read("n/17", 0, 9));
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private async Task<string> Read(string name, long offset, int length)
    {
        byte[] bytes = new byte[length];
        int read = await Blobs.ReadAsync(name, offset, bytes, Cancel);
        return Encoding.ASCII.GetString(bytes, 0, read);
    }
}
