using System.Collections.Concurrent;
using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>A channel of a host that keeps all that the host receives on it.</summary>
internal sealed class HeardChannel(IMessageChannel channel, ConcurrentQueue<byte[]> heard) : IMessageChannel
{
    public int MessageBytesMax => channel.MessageBytesMax;

    public Failure? Failure => channel.Failure;

    public ReceiveStatus TryReceive(out Message? message) => Keep(channel.TryReceive(out message), message);

    public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default) =>
        Keep(channel.Receive(timeout, out message, cancellationToken), message);

    public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => channel.TrySend(head, body);

    public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default) =>
        channel.Send(timeout, head, body, cancellationToken);

    public void EndSending() => channel.EndSending();

    public void Dispose() => channel.Dispose();

    private ReceiveStatus Keep(ReceiveStatus status, Message? message)
    {
        if (message is not null)
        {
            heard.Enqueue(message.Bytes.ToArray());
        }

        return status;
    }
}
