using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>The owner's channel to its host, as the owner's worker sees it: what the host says to the owner itself is handled on the way.</summary>
/// <param name="inner">To the host; stays the caller's.</param>
/// <param name="handle">Gets what the host says to the owner itself.</param>
/// <param name="progress">Asked whenever a message is waited for: throws when the host has made no progress for too long, and otherwise says for how long it still may.</param>
internal sealed class OwnerChannel(IMessageChannel inner, Action<HostMessageKind, Message> handle, Func<TimeSpan> progress) : IMessageChannel
{
    public int MessageBytesMax => inner.MessageBytesMax;

    public Failure? Failure => inner.Failure;

    public ReceiveStatus TryReceive(out Message? message)
    {
        progress();
        while (true)
        {
            ReceiveStatus status = inner.TryReceive(out message);
            if (status != ReceiveStatus.Received || !Handles(message!))
            {
                return status;
            }
        }
    }

    public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default)
    {
        TimeSpan patience = progress();
        bool isShorter = patience != Timeout.InfiniteTimeSpan && (timeout == Timeout.InfiniteTimeSpan || patience < timeout);
        ReceiveStatus status = inner.Receive(isShorter ? patience : timeout, out message, cancellationToken);
        if (status == ReceiveStatus.Received && Handles(message!))
        {
            message = null;
            return ReceiveStatus.NotYet; // whoever waits looks at its own state, and comes again
        }

        return status;
    }

    public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => inner.TrySend(head, body);

    public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default) =>
        inner.Send(timeout, head, body, cancellationToken);

    public void EndSending() => inner.EndSending();

    public void Dispose()
    {
    }

    private bool Handles(Message message)
    {
        if (message.Length == 0 || message.Bytes[0] < (byte)HostMessageKind.Begin)
        {
            return false;
        }

        using (message)
        {
            handle((HostMessageKind)message.Bytes[0], message);
        }

        return true;
    }
}
