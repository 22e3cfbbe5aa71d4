using Culvert.Kits;

namespace Culvert.Engine.Tests;

public sealed class FolderBlobsTests : BlobsConformance, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-blobs-").FullName;
    private FolderBlobs _blobs;

    public FolderBlobsTests() => _blobs = new FolderBlobs(_folder);

    protected override IBlobs Blobs => _blobs;

    public void Dispose()
    {
        _blobs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/absolute")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    [InlineData(".lock")]
    [InlineData("a\\b")]
    [InlineData("c:x")]
    [InlineData("nul\0")]
    public async Task Names_that_could_lead_elsewhere_are_refused(string name)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await Assert.ThrowsAsync<ArgumentException>(async () => await _blobs.PutAsync(name, new byte[1], cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _blobs.LengthAsync(name, cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _blobs.DeleteAsync(name, cancel));
    }

    [Fact]
    public async Task Blobs_are_there_when_the_folder_is_opened_again_and_what_was_half_written_is_not()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await _blobs.PutAsync("kept", new byte[7], cancel);
        _blobs.Dispose();
        string leftover = Path.Combine(_folder, ".temporary", "1");
        await File.WriteAllBytesAsync(leftover, new byte[3], cancel);
        _blobs = new FolderBlobs(_folder);
        Assert.False(File.Exists(leftover));
        Assert.Equal(["kept"], await _blobs.ListAsync("", cancel));
        Assert.Equal(7, await _blobs.LengthAsync("kept", cancel));
    }

    [Fact]
    public void A_folder_that_is_open_is_not_opened_again_until_it_is_let_go()
    {
        IOException refused = Assert.Throws<IOException>(() => new FolderBlobs(_folder).Dispose());
        Assert.Contains("another run has it open", refused.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, refused.Message, StringComparison.Ordinal);
        _blobs.Dispose();
        _blobs = new FolderBlobs(_folder);
    }

    [Fact]
    public async Task The_lock_file_of_a_dead_process_is_taken_over()
    {
        _blobs.Dispose();
        await File.WriteAllTextAsync(Path.Combine(_folder, ".lock"), "999999", TestContext.Current.CancellationToken);
        _blobs = new FolderBlobs(_folder);
        Assert.Empty(await _blobs.ListAsync("", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_failure_names_the_path_and_the_bytes_and_leaves_nothing_behind()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await _blobs.PutAsync("file", new byte[1], cancel);
        IOException failure =
            await Assert.ThrowsAsync<IOException>(async () => await _blobs.PutAsync("file/below", new byte[1234], cancel));
        Assert.Contains("1234 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder, "file/below"), failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, ".temporary")));
        Assert.Equal(["file"], await _blobs.ListAsync("", cancel));
    }
}
