namespace Culvert.Storage.Tests;

/// <summary>Apache looks whether there is an object, and stores it then: of two at the same moment both may win, as the driver says.</summary>
public sealed class ApacheWebDavTests(WebDavServers servers) : CloudConformance
{
    protected override async ValueTask<ICloud> OpenAsync(string container) => await servers.ApacheAsync(container);
}
