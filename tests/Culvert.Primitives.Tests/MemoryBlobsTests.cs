using Culvert.Kits;

namespace Culvert.Primitives.Tests;

public sealed class MemoryBlobsTests : BlobsConformance
{
    protected override IBlobs Blobs { get; } = new MemoryBlobs();
}
