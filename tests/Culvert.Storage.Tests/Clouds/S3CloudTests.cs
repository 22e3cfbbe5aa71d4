namespace Culvert.Storage.Tests;

public sealed class S3CloudTests(CloudServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) =>
        servers.Open(ServerKind.S3, await servers.ServerAsync(ServerKind.S3), container);
}
