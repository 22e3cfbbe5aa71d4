using System.Collections.Concurrent;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>
/// A host's end of the channel to one worker: what is sent waits in a queue of its own, so that a worker that is busy holds up
/// nobody else. How much can wait is bounded by the rounds that producers may be ahead.
/// </summary>
internal sealed class WorkerLink : IDisposable
{
    private readonly IMessageChannel _channel;
    private readonly BlockingCollection<Outgoing> _queue = [];
    private readonly Thread _sending;
    private readonly Thread? _receiving;
    private readonly Action<WorkerLink, Message> _received;
    private readonly Action<WorkerLink, Failure?> _ended;

    /// <param name="number">Its place among the run's workers; 0 is the owner.</param>
    /// <param name="channel">Disposed with this.</param>
    /// <param name="received">Gets every message, which it owns, on this link's thread.</param>
    /// <param name="ended">Called once: the other side ended its sending (null) or the channel failed.</param>
    /// <param name="receives">False when the caller receives itself and calls <see cref="ReceiveAll"/>.</param>
    internal WorkerLink(int number, IMessageChannel channel, Action<WorkerLink, Message> received, Action<WorkerLink, Failure?> ended, bool receives = true)
    {
        (Number, _channel, _received, _ended) = (number, channel, received, ended);
        _sending = new Thread(SendAll) { IsBackground = true, Name = $"to worker {number}" };
        _sending.Start();
        if (receives)
        {
            _receiving = new Thread(ReceiveAll) { IsBackground = true, Name = $"from worker {number}" };
        }
    }

    internal int Number { get; }

    internal void Start() => _receiving?.Start();

    /// <summary>Sends a message of these bytes, some time; the bytes are copied.</summary>
    internal void Send(ReadOnlySpan<byte> message) => Enqueue(new Outgoing(Message.CopyOf(message), null, 0));

    /// <summary>Sends a message on as it came; it is this link's from here on.</summary>
    internal void Forward(Message message) => Enqueue(new Outgoing(message, null, 0));

    /// <summary>Sends a head and behind it the first bytes of a rented array, which goes back to the pool.</summary>
    internal void Send(ReadOnlySpan<byte> head, byte[] rented, int length) => Enqueue(new Outgoing(Message.CopyOf(head), rented, length));

    internal void ReceiveAll()
    {
        while (true)
        {
            switch (_channel.Receive(Timeout.InfiniteTimeSpan, out Message? message))
            {
                case ReceiveStatus.Received:
                    _received(this, message!);
                    break;
                case ReceiveStatus.Ended:
                    _ended(this, null);
                    return;
                case ReceiveStatus.Failed:
                    _ended(this, _channel.Failure);
                    return;
                default:
                    break;
            }
        }
    }

    /// <summary>Waits until all that was to be sent is sent.</summary>
    internal void Flush()
    {
        _queue.CompleteAdding();
        _sending.Join();
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _channel.Dispose();
        _sending.Join();
        if (_receiving is { IsAlive: true } && _receiving != Thread.CurrentThread)
        {
            _receiving.Join();
        }

        _queue.Dispose();
    }

    private void Enqueue(Outgoing outgoing)
    {
        try
        {
            _queue.Add(outgoing);
        }
        catch (InvalidOperationException)
        {
            outgoing.Dispose(); // the run is over
        }
    }

    private void SendAll()
    {
        foreach (Outgoing outgoing in _queue.GetConsumingEnumerable())
        {
            using (outgoing)
            {
                // A channel that takes no more is told of by its receiving side.
                _channel.Send(Timeout.InfiniteTimeSpan, outgoing.Head.Bytes, outgoing.Body);
            }
        }
    }

    private sealed class Outgoing(Message head, byte[]? rented, int length) : IDisposable
    {
        internal Message Head => head;

        internal ReadOnlySpan<byte> Body => rented.AsSpan(0, length);

        public void Dispose()
        {
            head.Dispose();
            if (rented is not null)
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }
}
