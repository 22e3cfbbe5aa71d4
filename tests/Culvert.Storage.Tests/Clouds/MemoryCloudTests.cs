namespace Culvert.Storage.Tests;

public sealed class MemoryCloudTests : CloudConformance
{
    protected override ValueTask<ICloud> OpenAsync(string container) => new(new MemoryCloud("memory"));
}
