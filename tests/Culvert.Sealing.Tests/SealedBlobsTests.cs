using Culvert.Kits;

namespace Culvert.Sealing.Tests;

public class SealedBlobsTests
{
    private const string Format = "sealed-blob";

    public static TheoryData<string> Flaws => [.. Vectors.Names(Format).Where(n => n != "good")];

    [Fact]
    public async Task A_blob_is_sealed_and_opened_as_the_vector_says()
    {
        ILookup<string, string> vector = Vectors.Read(Format, "good");
        using Secret key = Secret.CopyOf(Hex(vector, "key"));
        MemoryBlobs inner = new();
        SealedBlobs blobs = new(inner, [key], Hex(vector, "context"), new FixedEntropy(Hex(vector, "salt")));
        string name = vector["name"].Single();
        byte[] content = Hex(vector, "content");
        await blobs.PutAsync(name, content, TestContext.Current.CancellationToken);
        Assert.Equal(vector["blob"].Single(), Convert.ToHexStringLower(inner[name]));
        Assert.Equal(content.Length, await blobs.LengthAsync(name, TestContext.Current.CancellationToken));
        Assert.Equal(content, await ReadAsync(blobs, name, 0, 100));
        Assert.Equal(content[3..7], await ReadAsync(blobs, name, 3, 4));
        Assert.Empty(await ReadAsync(blobs, name, 1000, 4));
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task A_blob_with_a_flaw_is_refused(string flaw)
    {
        ILookup<string, string> vector = Vectors.Read(Format, flaw);
        using Secret key = Secret.CopyOf(Hex(vector, "key"));
        string name = vector["name"].Single();
        MemoryBlobs inner = new() { [name] = Hex(vector, "blob") };
        SealedBlobs blobs = new(inner, [key], Hex(vector, "context"), new FixedEntropy());
        InvalidDataException refused = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(blobs, name, 0, 100));
        Assert.Equal($"{name} {vector["expect"].Single()}", refused.Message);
    }

    [Fact]
    public async Task A_flipped_bit_anywhere_is_refused()
    {
        ILookup<string, string> vector = Vectors.Read(Format, "good");
        using Secret key = Secret.CopyOf(Hex(vector, "key"));
        string name = vector["name"].Single();
        byte[] blob = Hex(vector, "blob");
        MemoryBlobs inner = new();
        SealedBlobs blobs = new(inner, [key], Hex(vector, "context"), new FixedEntropy());
        for (int bit = 0; bit < blob.Length * 8; bit++)
        {
            byte[] flipped = [.. blob];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            inner[name] = flipped;
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(blobs, name, 0, 100));
        }
    }

    [Fact]
    public async Task A_blob_that_is_not_there_has_no_length_and_no_bytes()
    {
        using Secret key = Secret.CopyOf(new byte[32]);
        SealedBlobs blobs = new(new MemoryBlobs(), [key], [], new FixedEntropy());
        Assert.Null(await blobs.LengthAsync("none", TestContext.Current.CancellationToken));
        Assert.Empty(await ReadAsync(blobs, "none", 0, 10));
    }

    [Fact]
    public async Task After_a_new_key_blobs_are_put_under_it_and_those_from_before_are_read_still()
    {
        using Secret old = Secret.CopyOf(new byte[32]);
        using Secret now = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
        MemoryBlobs inner = new();
        await new SealedBlobs(inner, [old], [], new FixedEntropy(new byte[16])).PutAsync("before", new byte[] { 1 }, TestContext.Current.CancellationToken);
        SealedBlobs later = new(inner, [now, old], [], new FixedEntropy(new byte[16]));
        await later.PutAsync("after", new byte[] { 2 }, TestContext.Current.CancellationToken);

        Assert.Equal([1], await ReadAsync(later, "before", 0, 10));
        Assert.Equal([2], await ReadAsync(later, "after", 0, 10));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new SealedBlobs(inner, [old], [], new FixedEntropy()), "after", 0, 10));
    }

    private static byte[] Hex(ILookup<string, string> vector, string name) => Vectors.Hex(vector[name].Single());

    private static async Task<byte[]> ReadAsync(SealedBlobs blobs, string name, long offset, int length)
    {
        byte[] destination = new byte[length];
        int read = await blobs.ReadAsync(name, offset, destination, TestContext.Current.CancellationToken);
        return destination[..read];
    }
}
