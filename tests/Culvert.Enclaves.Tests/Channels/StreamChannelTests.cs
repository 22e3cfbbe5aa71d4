using System.Net.Sockets;

namespace Culvert.Enclaves.Tests.Channels;

public class StreamChannelTests : ChannelConformance
{
    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 1 }, FailureKind.Io)]
    [InlineData(new byte[] { 2, 0 }, FailureKind.Io)]
    [InlineData(new byte[] { 1, 0, 16, 0 }, FailureKind.Integrity)]
    [InlineData(new byte[] { 254, 255, 255, 255 }, FailureKind.Integrity)]
    public void A_stream_that_is_no_sequence_of_messages_fails_the_channel(byte[] sent, FailureKind kind)
    {
        (NetworkStream near, NetworkStream far) = Sockets();
        using StreamChannel channel = new(near, near, MessageBytesMax);
        far.Write(sent);
        far.Dispose();

        Assert.Equal(ReceiveStatus.Failed, channel.Receive(TimeSpan.FromSeconds(60), out _));
        Assert.Equal(kind, channel.Failure?.Kind);
    }

    protected override bool DeliversAfterDisposal => false;

    protected override (IMessageChannel First, IMessageChannel Second) CreatePair()
    {
        (NetworkStream first, NetworkStream second) = Sockets();
        return (new StreamChannel(first, first, MessageBytesMax), new StreamChannel(second, second, MessageBytesMax));
    }

    private static (NetworkStream First, NetworkStream Second) Sockets()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Socket first = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(path));
        Socket second = listener.Accept();
        File.Delete(path);
        return (new NetworkStream(first, ownsSocket: true), new NetworkStream(second, ownsSocket: true));
    }
}
