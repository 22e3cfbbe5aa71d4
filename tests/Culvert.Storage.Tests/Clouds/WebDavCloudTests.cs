namespace Culvert.Storage.Tests;

public sealed class WebDavCloudTests(CloudServers servers) : CloudConformance
{
    private string _folder = "";

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
}
