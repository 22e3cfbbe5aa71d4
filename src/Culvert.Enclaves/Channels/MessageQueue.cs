namespace Culvert.Enclaves;

/// <summary>
/// Messages on their way in one direction, within bounds. Room is reserved before a message is copied, so that what waits
/// stays bounded. A message longer than the bound passes alone. Thread safe.
/// </summary>
internal sealed class MessageQueue(int bytesMax)
{
    /// <summary>Messages that may wait: small ones must not pile up either.</summary>
    internal const int MessagesMax = 65_536;

    private readonly object _gate = new();
    private readonly Queue<Message> _messages = [];
    private long _bytes;
    private int _reserved;
    private bool _ended;
    private Failure? _senderFailure;
    private Failure? _receiverFailure;
    private bool _receiverLeft;

    /// <summary>Why nothing more comes out of it, if the sender failed.</summary>
    internal Failure? SenderFailure => Volatile.Read(ref _senderFailure);

    /// <summary>Why nothing more goes into it, if the receiver failed.</summary>
    internal Failure? ReceiverFailure => Volatile.Read(ref _receiverFailure);

    internal bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    internal SendStatus Put(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int length, CancellationToken cancellationToken)
    {
        SendStatus status = Reserve(length, timeout, cancellationToken);
        if (status == SendStatus.Sent)
        {
            Add(Message.CopyOf(head, body));
        }

        return status;
    }

    /// <summary>As the other, of a message that is already in memory of its own; unless it is taken it stays the caller's.</summary>
    internal SendStatus Put(Message message, TimeSpan timeout)
    {
        SendStatus status = Reserve(message.Length, timeout, CancellationToken.None);
        if (status == SendStatus.Sent)
        {
            Add(message);
        }

        return status;
    }

    internal ReceiveStatus Take(TimeSpan timeout, out Message? message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenRegistration wake = WakeOn(timeout, cancellationToken);
        Deadline deadline = Deadline.After(timeout);
        lock (_gate)
        {
            while (true)
            {
                ReceiveStatus status = TryTake(out message);
                if (status != ReceiveStatus.NotYet || !WaitForChange(deadline, cancellationToken))
                {
                    return status;
                }
            }
        }
    }

    /// <summary>Nothing more is put in; what is there can be taken.</summary>
    internal void End() => Change(queue => queue._ended = true);

    /// <summary>Nothing more is put in, and whoever takes is told why once it is empty; no effect after <see cref="End"/>.</summary>
    internal void FailSender(Failure failure) => Change(queue => queue._senderFailure ??= queue._ended ? null : failure);

    /// <summary>Nothing more is taken out: with no failure when the receiver left in good order.</summary>
    internal void LeaveReceiver(Failure? failure) => Change(queue =>
    {
        queue._receiverLeft = true;
        queue._receiverFailure ??= failure;
        queue.DropAll();
    });

    private SendStatus Reserve(int length, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenRegistration wake = WakeOn(timeout, cancellationToken);
        Deadline deadline = Deadline.After(timeout);
        lock (_gate)
        {
            while (true)
            {
                SendStatus status = TryReserve(length);
                if (status != SendStatus.Full || !WaitForChange(deadline, cancellationToken))
                {
                    return status;
                }
            }
        }
    }

    private void Add(Message message)
    {
        lock (_gate)
        {
            _reserved--;
            if (_receiverLeft)
            {
                message.Dispose();
            }
            else
            {
                _messages.Enqueue(message);
            }

            Monitor.PulseAll(_gate);
        }
    }

    private ReceiveStatus TryTake(out Message? message)
    {
        message = null;
        if (_receiverLeft)
        {
            return ReceiveStatus.Failed;
        }

        if (_messages.TryDequeue(out message))
        {
            _bytes -= message.Length;
            Monitor.PulseAll(_gate);
            return ReceiveStatus.Received;
        }

        return _reserved > 0 ? ReceiveStatus.NotYet
            : _ended ? ReceiveStatus.Ended
            : _senderFailure is not null ? ReceiveStatus.Failed
            : ReceiveStatus.NotYet;
    }

    private SendStatus TryReserve(int length)
    {
        if (_ended || (_receiverLeft && _receiverFailure is null))
        {
            return SendStatus.Ended;
        }

        if (_senderFailure is not null || _receiverLeft)
        {
            return SendStatus.Failed;
        }

        bool isEmpty = _messages.Count == 0 && _reserved == 0;
        if (!isEmpty && (_bytes + length > bytesMax || _messages.Count + _reserved >= MessagesMax))
        {
            return SendStatus.Full;
        }

        _bytes += length;
        _reserved++;
        return SendStatus.Sent;
    }

    /// <summary>False when time is up.</summary>
    private bool WaitForChange(Deadline deadline, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan left = deadline.Left;
        if (left == TimeSpan.Zero)
        {
            return false;
        }

        Monitor.Wait(_gate, left);
        return true;
    }

    private CancellationTokenRegistration WakeOn(TimeSpan timeout, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled && timeout != TimeSpan.Zero
            ? cancellationToken.UnsafeRegister(static queue => ((MessageQueue)queue!).Change(static _ => { }), this)
            : default;

    private void DropAll()
    {
        while (_messages.TryDequeue(out Message? message))
        {
            message.Dispose();
        }
    }

    private void Change(Action<MessageQueue> change)
    {
        lock (_gate)
        {
            change(this);
            Monitor.PulseAll(_gate);
        }
    }
}
