namespace Culvert.Enclaves.Rings;

/// <summary>
/// One side of a channel through shared memory: two rings, one each way (docs/specs/enclave-boundary.md). No system calls
/// while both sides are busy.
/// </summary>
internal sealed unsafe class RingChannel : IMessageChannel
{
    private readonly object _sending = new();
    private readonly object _receiving = new();
    private readonly object _waking = new();
    private readonly RingCondition _condition = new();
    private readonly SharedRegion _region;
    private readonly RingWriter _writer;
    private readonly RingReader _reader;
    private bool _unmapped;

    /// <summary>Takes over the region. The host produces into the first ring, the enclave into the second.</summary>
    internal RingChannel(
        SharedRegion region, bool isHost, int ringBytes, int messageBytesMax, TimeSpan? stallMax = null, Func<Failure?>? checkPeer = null)
    {
        ChannelLimits.CheckMessageBytesMax(messageBytesMax);
        _region = region;
        MessageBytesMax = messageBytesMax;
        RingSide side = new(_condition, ringBytes, messageBytesMax, stallMax ?? ChannelLimits.StallMax, checkPeer);
        byte* outgoing = region.Bytes + (isHost ? 0 : RingLayout.SecondControl);
        byte* incoming = region.Bytes + (isHost ? RingLayout.SecondControl : 0);
        byte* first = region.Bytes + RingLayout.ControlBytes;
        byte* second = first + ringBytes;
        _writer = new RingWriter(side, outgoing, isHost ? first : second, (uint*)(incoming + RingLayout.ProducerState));
        _reader = new RingReader(side, incoming, isHost ? second : first);
    }

    /// <inheritdoc/>
    public int MessageBytesMax { get; }

    /// <inheritdoc/>
    public Failure? Failure => _condition.Failure ?? (_condition.IsClosed ? ChannelFailures.Disposed : _condition.PeerIsGone);

    /// <inheritdoc/>
    public ReceiveStatus TryReceive(out Message? message) => Receive(TimeSpan.Zero, out message);

    /// <inheritdoc/>
    public ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken = default)
    {
        lock (_receiving)
        {
            message = null;
            return _unmapped ? ReceiveStatus.Failed : Checked(_reader.Receive(timeout, out message, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public SendStatus TrySend(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => Send(TimeSpan.Zero, head, body);

    /// <inheritdoc/>
    public SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, CancellationToken cancellationToken = default)
    {
        _ = ChannelLimits.CheckedLength(head, body, MessageBytesMax);
        lock (_sending)
        {
            SendStatus status = _unmapped ? SendStatus.Failed : _writer.Send(timeout, head, body, cancellationToken);
            if (status == SendStatus.Failed)
            {
                Wake();
            }

            return status;
        }
    }

    /// <inheritdoc/>
    public void EndSending()
    {
        lock (_sending)
        {
            if (!_unmapped)
            {
                _writer.End();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _condition.Close();
        Wake();
        lock (_sending)
        {
            lock (_receiving)
            {
                lock (_waking)
                {
                    if (!_unmapped)
                    {
                        _unmapped = true;
                        _writer.Leave();
                        _region.Dispose();
                    }
                }
            }
        }
    }

    /// <summary>The other side's process has ended: who waits here need not wait any longer. What it sent can still be received.</summary>
    internal void PeerIsGone(Failure failure)
    {
        _condition.SetPeerIsGone(failure);
        Wake();
    }

    /// <summary>What went wrong at one end is news to whoever waits at the other.</summary>
    private ReceiveStatus Checked(ReceiveStatus status)
    {
        if (status == ReceiveStatus.Failed)
        {
            Wake();
        }

        return status;
    }

    private void Wake()
    {
        lock (_waking)
        {
            if (!_unmapped)
            {
                _writer.WakeOwn();
                _reader.WakeOwn();
            }
        }
    }
}
