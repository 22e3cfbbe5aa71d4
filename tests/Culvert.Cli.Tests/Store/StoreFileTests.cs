using System.Diagnostics;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

/// <summary>What becomes of files and streams when something comes in between.</summary>
public class StoreFileTests : StoreFolder
{
    private const int Interrupt = 2;
    private const int Interrupted = 130;

    [Fact]
    public void A_folder_in_the_files_place_and_a_folder_that_is_not_there_are_told_and_nothing_is_left()
    {
        Done("store", "init");
        Put("a", "content");
        Directory.CreateDirectory(At("folder"));
        Assert.Contains("folder: a folder, and not a file", Ended(1, "store", "get", "a", "folder").Error, StringComparison.Ordinal);
        Assert.Contains("cannot write no/such/file", Ended(1, "store", "get", "a", "no/such/file").Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(At("folder")));
        Assert.Empty(Directory.GetFiles(Folder, "*.partial", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_device_is_written_to_and_one_without_room_is_told()
    {
        Done("store", "init");
        Put("a", "content");
        Assert.Equal("content", Done("store", "get", "a", "/dev/stdout"));
        ProgramResult full = Ended(1, "store", "get", "a", "/dev/full");
        Assert.Contains("cannot write /dev/full", full.Error, StringComparison.Ordinal);
        Assert.False(File.Exists("/dev/full.partial"));
    }

    [Fact]
    public void A_file_that_may_not_grow_leaves_nothing_and_the_one_that_was_there_stays()
    {
        Done("store", "init");
        File.WriteAllBytes(At("big"), Noise(9_000_000));
        Done("store", "put", "a", "big");
        Write("file", "mine");
        string[] line = ["-c", $"trap '' XFSZ; ulimit -f 4000; exec '{CulvertProgram.Path}' store get a file"];
        using Process limited = CulvertProgram.StartWith(Folder, "bash", line, ("DOTNET_EnableWriteXorExecute", "0"));
        ProgramResult result = CulvertProgram.Finish(limited);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot write file: ", result.Error, StringComparison.Ordinal);
        Assert.Equal("mine", Read("file"));
        Assert.False(File.Exists(At("file.partial")));
    }

    [Fact]
    public void Ctrl_C_leaves_no_part_of_a_file()
    {
        Done("store", "init");
        byte[] content = Noise(60_000_000);
        File.WriteAllBytes(At("big"), content);
        Done("store", "put", "a", "big");
        using Process get = CulvertProgram.Start(Folder, "store", "get", "a", "file", "--quiet");
        while (!File.Exists(At("file.partial")) && !get.HasExited)
        {
            Thread.Yield();
        }

        CulvertProgram.Signal(get, Interrupt);
        ProgramResult result = CulvertProgram.Finish(get);

        // It may have been quicker than the signal; then all is there.
        Assert.False(File.Exists(At("file.partial")));
        Assert.True(result.ExitCode == Interrupted ? !File.Exists(At("file")) : File.ReadAllBytes(At("file")).AsSpan().SequenceEqual(content), result.Error);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_put_that_waits_for_its_input()
    {
        Done("store", "init");
        using Process put = CulvertProgram.Start(Folder, "store", "put", "a", "-", "--quiet");
        await put.StandardInput.BaseStream.WriteAsync(Noise(9_000_000), TestContext.Current.CancellationToken);
        await put.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        while (!Directory.Exists(At("cloud-a/u/a/b")) && !put.HasExited)
        {
            Thread.Yield();
        }

        CulvertProgram.Signal(put, Interrupt);
        await put.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Interrupted, put.ExitCode);
        Assert.Equal("", Done("store", "ls"));
    }

    [Fact]
    public void What_a_put_left_that_was_cut_short_is_told_by_verify_apart_from_faults()
    {
        Done("store", "init");
        Put("a", "content");
        Directory.CreateDirectory(At("cloud-b/u/a/b/0123456789abcdef0123456789abcdef"));
        File.WriteAllText(At("cloud-b/u/a/b/0123456789abcdef0123456789abcdef/00000000"), "left");
        File.WriteAllText(At("cloud-c/readme.txt"), "mine");
        string verified = Done("store", "verify", "--repair");
        Assert.Contains("a: b: left over: u/a/b/0123456789abcdef0123456789abcdef/: no version names it, and it may be under way", verified, StringComparison.Ordinal);
        Assert.Contains("store: c: left over: readme.txt: nothing of Culvert's is called so", verified, StringComparison.Ordinal);
        Assert.Contains(": 0 objects wrong or missing", verified, StringComparison.Ordinal);
        Assert.Contains("2 things lie about that no version needs, 0 removed; they are nobody's fault", verified, StringComparison.Ordinal);
        Assert.True(File.Exists(At("cloud-c/readme.txt")));
    }
}
