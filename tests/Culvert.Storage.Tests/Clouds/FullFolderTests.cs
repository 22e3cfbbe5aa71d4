using System.Diagnostics;

namespace Culvert.Storage.Tests;

/// <summary>A folder on a real file system of 4 MiB, which only root may mount.</summary>
public sealed class FullFolderTests : IAsyncLifetime
{
    private const int ObjectBytes = 512 << 10;

    private readonly string _mount = Directory.CreateTempSubdirectory("culvert-full-").FullName;
    private bool _isMounted;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FolderCloud Cloud => new("full", Path.Combine(_mount, "cloud"), MachinePorts.Instance, MachinePorts.Instance);

    public async ValueTask InitializeAsync()
    {
        _isMounted = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && await RunAsync("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "none", _mount) == 0;
        Assert.SkipUnless(_isMounted, "A FULL DISK IS NOT TRIED: only root may mount the small file system for it");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
        {
            Assert.Equal(0, await RunAsync("umount", _mount));
        }

        Directory.Delete(_mount);
    }

    [Fact]
    public async Task A_put_to_a_full_disk_says_full_leaves_nothing_behind_and_harms_nothing()
    {
        FolderCloud cloud = Cloud;
        Assert.Null((await cloud.CreateAsync(Cancel)).Failure);
        int stored = await FillAsync(cloud);
        Assert.InRange(stored, 4, 8);

        Assert.Equal(CloudFailureKind.Full, (await PutAsync(cloud, "n/0", 99)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Full, (await cloud.PutAsync("n/new", Content(99), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_mount, "cloud", "~put")));
        Assert.Equal(
            Enumerable.Range(0, stored).Select(i => new CloudEntry($"n/{i}", ObjectBytes)), (await cloud.ListAsync("", null, Cancel)).Value.Entries);
        for (int i = 0; i < stored; i++)
        {
            byte[] read = new byte[ObjectBytes];
            Assert.Equal(new CloudRead(ObjectBytes, ObjectBytes), (await cloud.GetAsync($"n/{i}", 0, read, Cancel)).Value);
            Assert.Equal(Content(i), read);
        }

        Assert.Null((await cloud.RemoveAsync("n/1", Cancel)).Failure);
        Assert.Null((await PutAsync(cloud, "n/0", 99)).Failure);
        Assert.Equal(CloudFailureKind.Exists, (await cloud.PutAsync("n/0", Content(1), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task What_is_full_is_not_asked_again()
    {
        FolderCloud cloud = Cloud;
        Assert.Null((await cloud.CreateAsync(Cancel)).Failure);
        await FillAsync(cloud);
        using RetryingCloud patient = new(cloud, new CloudRetryOptions { PauseBase = TimeSpan.FromHours(1) }, MachinePorts.Instance, MachinePorts.Instance);
        Assert.Equal(CloudFailureKind.Full, (await PutAsync(patient, "n/more", 1)).Failure?.Kind);
    }

    private static async Task<int> FillAsync(ICloud cloud)
    {
        for (int stored = 0; ; stored++)
        {
            CloudOutcome<CloudDone> put = await PutAsync(cloud, $"n/{stored}", stored);
            if (!put.Succeeded)
            {
                Assert.Equal(CloudFailureKind.Full, put.Failure.Kind);
                return stored;
            }
        }
    }

    private static ValueTask<CloudOutcome<CloudDone>> PutAsync(ICloud cloud, string name, int seed) =>
        cloud.PutAsync(name, Content(seed), PutCondition.Always, Cancel);

    private static byte[] Content(int seed)
    {
        byte[] content = new byte[ObjectBytes];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
