namespace Culvert.Enclaves.Tests.Channels;

public class MemoryChannelTests : ChannelConformance
{
    protected override (IMessageChannel First, IMessageChannel Second) CreatePair()
    {
        (MemoryChannel first, MemoryChannel second) = MemoryChannel.CreatePair(64 << 10, MessageBytesMax);
        return (first, second);
    }
}
