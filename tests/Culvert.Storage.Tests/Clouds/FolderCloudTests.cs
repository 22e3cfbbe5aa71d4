namespace Culvert.Storage.Tests;

public sealed class FolderCloudTests : CloudConformance
{
    private readonly string _parent = Directory.CreateTempSubdirectory("culvert-cloud-").FullName;
    private string _folder = "";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
    }

    protected override ValueTask<ICloud> OpenAsync(string container)
    {
        _folder = Path.Combine(_parent, container);
        return new(new FolderCloud("folder", _folder, MachinePorts.Instance, MachinePorts.Instance));
    }

    [Fact]
    public async Task A_symbolic_link_that_somebody_planted_is_neither_followed_nor_listed()
    {
        await CreateAsync();
        string outside = Path.Combine(_parent, "outside");
        Directory.CreateDirectory(outside);
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "secret", Cancel);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "unit"), outside);
        File.CreateSymbolicLink(Path.Combine(_folder, "object"), Path.Combine(outside, "secret"));

        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.GetAsync("unit/secret", 0, new byte[9], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.GetAsync("object", 0, new byte[9], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.PutAsync("unit/new", new byte[9], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.RemoveAsync("unit/secret", Cancel)).Failure?.Kind);
        Assert.Empty(await ListAllAsync(""));
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_in_the_folders_place_is_a_cloud_that_is_away_and_no_wrong_answer()
    {
        await CreateAsync();
        Directory.Delete(_folder, recursive: true);
        await File.WriteAllTextAsync(_folder, "no folder", Cancel);

        Assert.Equal(CloudFailureKind.Unavailable, (await Cloud.GetAsync("unit", 0, new byte[9], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Unavailable, (await Cloud.PutAsync("unit", new byte[9], PutCondition.Always, Cancel)).Failure?.Kind);
        File.Delete(_folder);
    }

    [Fact]
    public async Task A_pipe_that_somebody_planted_keeps_nobody_waiting()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pipes are made with Linux's mkfifo");
        await CreateAsync();
        using System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "pipe")]);
        await made.WaitForExitAsync(Cancel);
        Assert.Equal(0, made.ExitCode);
        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.GetAsync("pipe", 0, new byte[9], Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task A_folder_where_an_object_should_be_is_malformed()
    {
        await CreateAsync();
        Directory.CreateDirectory(Path.Combine(_folder, "unit", "object"));
        Assert.Equal(CloudFailureKind.Malformed, (await Cloud.GetAsync("unit/object", 0, new byte[9], Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task What_a_crash_left_long_ago_is_removed_and_what_is_being_put_stays()
    {
        await CreateAsync();
        string old = Path.Combine(_folder, "~put", "~old");
        string young = Path.Combine(_folder, "~put", "~young");
        await File.WriteAllTextAsync(old, "x", Cancel);
        await File.WriteAllTextAsync(young, "x", Cancel);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        await CreateAsync();
        Assert.Equal(["~young"], Directory.EnumerateFiles(Path.Combine(_folder, "~put")).Select(Path.GetFileName));
        Assert.Empty(await ListAllAsync(""));
    }

    [Fact]
    public async Task Files_that_no_object_can_be_called_are_passed_over()
    {
        await CreateAsync();
        await PutAsync("object", new byte[3]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "Planted.TXT"), "x", Cancel);
        await File.WriteAllTextAsync(Path.Combine(_folder, "new\nline"), "x", Cancel);
        Assert.Equal([new CloudEntry("object", 3)], await ListAllAsync(""));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_conditional_put_that_lost()
    {
        await CreateAsync();
        await PutAsync("object", new byte[3]);
        Assert.Equal(CloudFailureKind.Exists, (await Cloud.PutAsync("object", new byte[4], PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "~put")));
    }
}
