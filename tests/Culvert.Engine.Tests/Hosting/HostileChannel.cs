using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>The host's end of a channel to a worker, of which every message goes through somebody's hands.</summary>
internal sealed class HostileChannel(int number, IMessageChannel inner, IMischief mischief) : IMessageChannel
{
    private readonly Queue<byte[]> _waiting = new();

    public int MessageBytesMax => inner.MessageBytesMax;

    public Failure? Failure => inner.Failure;

    public ReceiveStatus TryReceive(out Message? message) => Receive(TimeSpan.Zero, out message);

    public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_waiting.TryDequeue(out byte[]? next))
            {
                message = Message.CopyOf(next);
                return ReceiveStatus.Received;
            }

            ReceiveStatus status = inner.Receive(timeout, out message, cancellationToken);
            if (status != ReceiveStatus.Received)
            {
                return status;
            }

            using (message)
            {
                foreach (byte[] passed in mischief.Pass(number, toWorker: false, KindOf(message!.Bytes), message.Bytes.ToArray()))
                {
                    _waiting.Enqueue(passed);
                }
            }
        }
    }

    public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => Send(TimeSpan.Zero, head, body);

    public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default)
    {
        SendStatus status = SendStatus.Sent;
        foreach (byte[] passed in mischief.Pass(number, toWorker: true, KindOf(head), [.. head, .. body]))
        {
            status = inner.Send(timeout, passed, default, cancellationToken);
        }

        return status;
    }

    public void EndSending() => inner.EndSending();

    public void Dispose() => inner.Dispose();

    private static MessageKind KindOf(ReadOnlySpan<byte> message) => message.IsEmpty ? default : (MessageKind)message[0];
}
