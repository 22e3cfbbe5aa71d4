namespace Culvert.Storage.Tests;

public sealed class WebDavCloudTests(CloudServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) =>
        servers.Open(ServerKind.WebDav, await servers.ServerAsync(ServerKind.WebDav), container);
}
