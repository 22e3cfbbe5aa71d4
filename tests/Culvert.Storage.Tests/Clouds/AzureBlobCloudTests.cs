namespace Culvert.Storage.Tests;

public sealed class AzureBlobCloudTests(CloudServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) =>
        servers.Open(ServerKind.Azure, await servers.ServerAsync(ServerKind.Azure), container);
}
