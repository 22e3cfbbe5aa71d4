namespace Culvert.Storage.Tests;

public sealed class LighttpdWebDavTests(WebDavServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) => await servers.LighttpdAsync(container);
}
