namespace Culvert.Storage.Tests;

public sealed class RcloneWebDavTests(WebDavServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) => await servers.RcloneAsync(container);
}
