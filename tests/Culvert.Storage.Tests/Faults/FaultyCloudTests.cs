namespace Culvert.Storage.Tests;

/// <summary>The wrapper does to a folder what the proxy does to servers.</summary>
public sealed class FaultyCloudTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-faults-").FullName;
    private FaultyCloud? _cloud;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cloud = new FaultyCloud(new FolderCloud("folder", Path.Combine(_folder, "cloud"), MachinePorts.Instance, MachinePorts.Instance), MachinePorts.Instance);
        Assert.Null((await _cloud.CreateAsync(Cancel)).Failure);
        foreach ((string name, byte[] content) in new[] { ("unit/object", FaultedServer.First), ("unit/object", FaultedServer.Second), ("unit/other", FaultedServer.Other) })
        {
            Assert.Null((await _cloud.PutAsync(name, content, PutCondition.Always, Cancel)).Failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(CloudFault.Down, CloudFailureKind.Unavailable)]
    [InlineData(CloudFault.Refusing, CloudFailureKind.Refused)]
    [InlineData(CloudFault.Cutting, CloudFailureKind.Unavailable)]
    [InlineData(CloudFault.Mute, CloudFailureKind.Unavailable)]
    [InlineData(CloudFault.Losing, CloudFailureKind.Absent)]
    [InlineData(CloudFault.Babbling, CloudFailureKind.Malformed)]
    public async Task A_get_fails_by_the_fault(CloudFault fault, CloudFailureKind kind)
    {
        _cloud!.Fault = fault;
        Assert.Equal(kind, (await _cloud.GetAsync("unit/object", 0, new byte[4], Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task Bytes_are_wrong_by_the_fault()
    {
        _cloud!.Fault = CloudFault.Stale;
        Assert.Equal(FaultedServer.First, await ReadAsync());
        _cloud.Fault = CloudFault.Swapping;
        Assert.Equal(FaultedServer.Other, await ReadAsync());
        _cloud.Fault = CloudFault.Flipping;
        Assert.NotEqual(FaultedServer.Second, await ReadAsync());
        _cloud.Fault = CloudFault.None;
        Assert.Equal(FaultedServer.Second, await ReadAsync());
    }

    [Fact]
    public async Task Lists_are_wrong_by_the_fault()
    {
        Assert.Equal(["unit/other"], await NamesAsync(CloudFault.ListMissing));
        Assert.Equal(["unit/object", "unit/object-extra", "unit/other"], await NamesAsync(CloudFault.ListExtra));
        Assert.Equal(["unit/object", "unit/object", "unit/other"], await NamesAsync(CloudFault.ListTwice));
        Assert.Equal(["unit/object", "unit/other"], await NamesAsync(CloudFault.None));
    }

    [Fact]
    public async Task A_put_is_forgotten_or_finds_no_room_by_the_fault()
    {
        _cloud!.Fault = CloudFault.Forgetting;
        Assert.Null((await _cloud.PutAsync("unit/new", new byte[1], PutCondition.Always, Cancel)).Failure);
        _cloud.Fault = CloudFault.Full;
        Assert.Equal(CloudFailureKind.Full, (await _cloud.PutAsync("unit/new", new byte[1], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(["unit/object", "unit/other"], await NamesAsync(CloudFault.None));
    }

    private async Task<byte[]> ReadAsync()
    {
        byte[] buffer = new byte[1000];
        return buffer[..(await _cloud!.GetAsync("unit/object", 0, buffer, Cancel)).Value.Bytes];
    }

    private async Task<IEnumerable<string>> NamesAsync(CloudFault fault)
    {
        _cloud!.Fault = fault;
        return (await _cloud.ListAsync("unit/", null, Cancel)).Value.Entries.Select(entry => entry.Name);
    }
}
