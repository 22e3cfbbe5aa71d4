namespace Culvert.Storage.Tests;

public sealed class WebDavCloudTests(CloudServers servers) : CloudConformance
{
    private string _folder = "";

    // nginx does one thing after the other: it has one process here, and no threads.
    protected override bool DecidesRaces => true;

    protected override async ValueTask<ICloud> OpenAsync(string container)
    {
        Uri server = await servers.ServerAsync(ServerKind.WebDav);
        _folder = Path.Combine(servers.WebDavFolder, container);
        return servers.Open(ServerKind.WebDav, server, container);
    }

    [Fact]
    public async Task Files_that_no_object_can_be_called_are_passed_over()
    {
        await CreateAsync();
        await PutAsync("unit/object", new byte[3]);
        await File.WriteAllTextAsync(Path.Combine(_folder, "Planted.TXT"), "x", Cancel);
        await File.WriteAllTextAsync(Path.Combine(_folder, "unit", "planted & <more>"), "x", Cancel);
        Directory.CreateDirectory(Path.Combine(_folder, "Planted folder", "object"));
        Assert.Equal([new CloudEntry("unit/object", 3)], await ListAllAsync(""));
    }

    [Fact]
    public async Task A_planted_object_is_listed_for_the_protocols_to_find()
    {
        await CreateAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "planted"), "x", Cancel);
        Assert.Equal([new CloudEntry("planted", 1)], await ListAllAsync(""));
    }

    [Fact]
    public async Task Folders_that_vanish_are_made_again_by_the_next_attempt()
    {
        await CreateAsync();
        await PutAsync("unit/part/object", new byte[3]);
        Directory.Delete(Path.Combine(_folder, "unit"), recursive: true);
        RetryingCloud patient = new(Cloud, new CloudRetryOptions(), MachinePorts.Instance, MachinePorts.Instance);
        Succeeded(await patient.PutAsync("unit/part/object", new byte[4], PutCondition.Always, Cancel));
        Directory.Delete(Path.Combine(_folder, "unit"), recursive: true);
        Succeeded(await patient.PutAsync("unit/part/object", new byte[5], PutCondition.IfAbsent, Cancel));
        Assert.Equal([new CloudEntry("unit/part/object", 5)], await ListAllAsync(""));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_conditional_put_that_lost()
    {
        await CreateAsync();
        await PutAsync("object", new byte[3]);
        Assert.Equal(CloudFailureKind.Exists, (await Cloud.PutAsync("object", new byte[4], PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Equal(["object"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_a_crash_left_between_put_and_move_is_removed_after_a_day()
    {
        await CreateAsync();
        await PutAsync("object", new byte[3]);
        string old = Path.Combine(_folder, "~0123456789abcdef01234567");
        string young = Path.Combine(_folder, "~0123456789abcdef89abcdef");
        string foreign = Path.Combine(_folder, "~backup");
        foreach ((string file, int days) in new[] { (old, 2), (young, 0), (foreign, 2), (Path.Combine(_folder, "object"), 2) })
        {
            await File.WriteAllTextAsync(file, "x", Cancel);
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddDays(-days));
        }

        await CreateAsync();
        Assert.Equal(
            ["object", "~0123456789abcdef89abcdef", "~backup"],
            Directory.EnumerateFiles(_folder).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }
}
