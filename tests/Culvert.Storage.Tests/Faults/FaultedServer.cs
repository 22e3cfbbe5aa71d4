namespace Culvert.Storage.Tests;

/// <summary>A server behind a proxy, with two objects of which one has two versions.</summary>
internal sealed class FaultedServer : IAsyncDisposable
{
    internal static readonly byte[] First = "the first version"u8.ToArray();
    internal static readonly byte[] Second = "the second version, which is longer"u8.ToArray();
    internal static readonly byte[] Other = "another object"u8.ToArray();

    private FaultedServer(FaultyProxy proxy, ICloud cloud) => (Proxy, Cloud) = (proxy, cloud);

    internal FaultyProxy Proxy { get; }

    /// <summary>A driver of one attempt a call, through the proxy.</summary>
    internal ICloud Cloud { get; }

    public async ValueTask DisposeAsync()
    {
        (Cloud as IDisposable)?.Dispose();
        await Proxy.DisposeAsync();
    }

    internal static async Task<FaultedServer> OpenAsync(CloudServers servers, ServerKind kind, CancellationToken cancellationToken)
    {
        FaultyProxy proxy = new(kind, await servers.ServerAsync(kind));
        FaultedServer server = new(proxy, servers.Open(kind, proxy.Address, MachinePorts.NewName()));
        Assert.Null((await server.Cloud.CreateAsync(cancellationToken)).Failure);
        foreach ((string name, byte[] content) in new[] { ("unit/object", First), ("unit/object", Second), ("unit/other", Other) })
        {
            Assert.Null((await server.Cloud.PutAsync(name, content, PutCondition.Always, cancellationToken)).Failure);
        }

        return server;
    }

    internal async Task<byte[]> ReadAsync(string name)
    {
        byte[] buffer = new byte[1000];
        CloudOutcome<CloudRead> read = await Cloud.GetAsync(name, 0, buffer, TestContext.Current.CancellationToken);
        Assert.True(read.Succeeded, read.Failure?.Message);
        return buffer[..read.Value.Bytes];
    }
}
