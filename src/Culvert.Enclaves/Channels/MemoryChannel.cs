namespace Culvert.Enclaves;

/// <summary>
/// One side of a channel inside a process: for workers that need no process of their own, and for tests. What is sent is
/// copied once, on sending; the receiver gets that copy.
/// </summary>
public sealed class MemoryChannel : IMessageChannel
{
    /// <summary>Bytes that may wait in one direction, by default: as in a ring.</summary>
    public const int WaitingBytesMax = 4 << 20;

    private readonly MessageQueue _outgoing;
    private readonly MessageQueue _incoming;
    private volatile bool _disposed;

    private MemoryChannel(MessageQueue outgoing, MessageQueue incoming, int messageBytesMax)
    {
        _outgoing = outgoing;
        _incoming = incoming;
        MessageBytesMax = messageBytesMax;
    }

    /// <inheritdoc/>
    public int MessageBytesMax { get; }

    /// <inheritdoc/>
    public Failure? Failure => _disposed ? ChannelFailures.Disposed : _incoming.SenderFailure ?? _outgoing.ReceiverFailure;

    /// <summary>
    /// Two sides of one channel. When one is disposed without having ended its sending, the other fails, once it has received
    /// what was sent before.
    /// </summary>
    public static (MemoryChannel First, MemoryChannel Second) CreatePair(
        int waitingBytesMax = WaitingBytesMax, int messageBytesMax = ChannelLimits.MessageBytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(waitingBytesMax, 1);
        ChannelLimits.CheckMessageBytesMax(messageBytesMax);
        MessageQueue there = new(waitingBytesMax);
        MessageQueue back = new(waitingBytesMax);
        return (new MemoryChannel(there, back, messageBytesMax), new MemoryChannel(back, there, messageBytesMax));
    }

    /// <inheritdoc/>
    public ReceiveStatus TryReceive(out Message? message) => Receive(TimeSpan.Zero, out message);

    /// <inheritdoc/>
    public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default) =>
        _incoming.Take(timeout, out message, cancellationToken);

    /// <inheritdoc/>
    public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => Send(TimeSpan.Zero, head, body);

    /// <inheritdoc/>
    public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default) =>
        _outgoing.Put(timeout, head, body, ChannelLimits.CheckedLength(head, body, MessageBytesMax), cancellationToken);

    /// <inheritdoc/>
    public void EndSending() => _outgoing.End();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            bool inOrder = _outgoing.HasEnded;
            _outgoing.FailSender(ChannelFailures.PeerLeft);
            _incoming.LeaveReceiver(inOrder ? null : ChannelFailures.PeerLeft);
        }
    }
}
