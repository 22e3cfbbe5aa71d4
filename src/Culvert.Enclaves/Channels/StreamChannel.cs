using System.Buffers.Binary;

namespace Culvert.Enclaves;

/// <summary>
/// A channel over a pair of byte streams, between two processes: pipes, or a socket's two directions. Each message is its
/// length (4 bytes, little-endian) and its bytes; the length <c>FF FF FF FF</c> ends the sending. A stream that ends
/// otherwise fails. Two threads of its own read and write, so that waiting has limits whatever the streams can do.
/// </summary>
public sealed class StreamChannel : IMessageChannel
{
    private const uint EndMark = uint.MaxValue;

    /// <summary>So much of a message goes out with its length in one write.</summary>
    private const int CoalescedBytesMax = 64 << 10;

    private static readonly TimeSpan s_flushMax = TimeSpan.FromSeconds(5);

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly MessageQueue _incoming = new(MemoryChannel.WaitingBytesMax);
    private readonly MessageQueue _outgoing = new(MemoryChannel.WaitingBytesMax);
    private readonly Thread _writer;
    private int _disposed;

    /// <summary>
    /// Takes over two streams, which may be one and the same, and disposes them when it is disposed. Reading and writing
    /// must be possible at the same time.
    /// </summary>
    public StreamChannel(Stream input, Stream output, int messageBytesMax = ChannelLimits.MessageBytesMax)
    {
        ChannelLimits.CheckMessageBytesMax(messageBytesMax);
        _input = input;
        _output = output;
        MessageBytesMax = messageBytesMax;
        new Thread(ReadAll) { IsBackground = true, Name = "channel reader" }.Start();
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "channel writer" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public int MessageBytesMax { get; }

    /// <inheritdoc/>
    public Failure? Failure => Volatile.Read(ref _disposed) != 0 ? ChannelFailures.Disposed : _incoming.SenderFailure ?? _outgoing.ReceiverFailure;

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

    /// <summary>Closes both streams. After <see cref="EndSending"/> it first waits a few seconds for what was sent to be written.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _incoming.LeaveReceiver(ChannelFailures.Disposed);
        if (_outgoing.HasEnded)
        {
            _writer.Join(s_flushMax);
        }

        _outgoing.FailSender(ChannelFailures.Disposed);
        _outgoing.LeaveReceiver(ChannelFailures.Disposed);
        _input.Dispose();
        _output.Dispose();
    }

    private void ReadAll()
    {
        try
        {
            Span<byte> prefix = stackalloc byte[sizeof(uint)];
            while (true)
            {
                _input.ReadExactly(prefix);
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
                if (length == EndMark)
                {
                    _incoming.End();
                    return;
                }

                if (length > MessageBytesMax)
                {
                    Fail(ChannelFailures.TooLong(length, MessageBytesMax));
                    return;
                }

                Message message = Message.OfLength((int)length);
                _input.ReadExactly(message.Writable);
                if (_incoming.Put(message, Timeout.InfiniteTimeSpan) != SendStatus.Sent)
                {
                    message.Dispose();
                    return;
                }
            }
        }
        catch (EndOfStreamException)
        {
            Fail(ChannelFailures.PeerLeft);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            Fail(new Failure(FailureKind.Io, $"cannot read from the channel: {failure.Message}"));
        }
    }

    private void WriteAll()
    {
        try
        {
            // A small message and its length go out together: two writes would wake the other side twice.
            byte[] together = new byte[sizeof(uint) + CoalescedBytesMax];
            while (true)
            {
                ReceiveStatus status = _outgoing.Take(Timeout.InfiniteTimeSpan, out Message? message, CancellationToken.None);
                if (status != ReceiveStatus.Received)
                {
                    if (status == ReceiveStatus.Ended)
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(together, EndMark);
                        _output.Write(together, 0, sizeof(uint));
                        _output.Flush();
                    }

                    return;
                }

                using (message)
                {
                    int begin = Math.Min(message!.Length, CoalescedBytesMax);
                    BinaryPrimitives.WriteUInt32LittleEndian(together, (uint)message.Length);
                    message.Bytes[..begin].CopyTo(together.AsSpan(sizeof(uint)));
                    _output.Write(together, 0, sizeof(uint) + begin);
                    _output.Write(message.Bytes[begin..]);
                    _output.Flush();
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Whoever sends no more and has closed its side has read what it wanted.
            _outgoing.LeaveReceiver(_incoming.HasEnded ? null : new Failure(FailureKind.Io, $"cannot write to the channel: {failure.Message}"));
        }
    }

    private void Fail(Failure failure)
    {
        _incoming.FailSender(failure);
        _outgoing.LeaveReceiver(failure);
    }
}
