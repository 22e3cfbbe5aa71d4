using System.Buffers.Binary;

namespace Culvert.Enclaves.Rings;

/// <summary>The producing end of a ring. One thread at a time.</summary>
internal sealed unsafe class RingWriter : RingEnd
{
    /// <summary>A long message becomes visible in pieces, so that both sides copy at the same time.</summary>
    private const int PieceBytesMax = 256 << 10;

    private readonly byte* _control;
    private readonly byte* _data;
    private readonly uint* _peerState;
    private readonly ulong _capacity;
    private readonly TimeSpan _stallMax;
    private ulong _written;
    private ulong _readSeen;
    private ulong _needed;
    private ProducerState _state;

    internal RingWriter(RingSide side, byte* control, byte* data, uint* peerState)
        : base(side.Condition, (uint*)(control + RingLayout.ProducerSleeps), (uint*)(control + RingLayout.ConsumerSleeps), side.CheckPeer)
    {
        _control = control;
        _data = data;
        _peerState = peerState;
        _capacity = (ulong)side.RingBytes;
        _stallMax = side.StallMax;
    }

    private ulong Free => _capacity - (_written - _readSeen);

    internal bool HasEnded => _state is ProducerState.Ended or ProducerState.EndedAndLeft;

    internal SendStatus Send(TimeSpan timeout, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Refusal() is SendStatus refusal)
        {
            return refusal;
        }

        ulong framed = (ulong)RingLayout.PrefixBytes + (ulong)head.Length + (ulong)body.Length;
        _needed = Math.Min(framed, timeout == TimeSpan.Zero ? _capacity : _capacity / 4);
        if (Free < _needed)
        {
            bool inTime = Wait(Deadline.After(timeout), cancellationToken);
            if (Refusal() is SendStatus late)
            {
                return late;
            }

            if (!inTime)
            {
                return SendStatus.Full;
            }
        }

        Span<byte> prefix = stackalloc byte[RingLayout.PrefixBytes];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, head.Length + body.Length);
        return Append(prefix) && Append(head) && Append(body) && Publish() ? SendStatus.Sent : Refusal() ?? SendStatus.Failed;
    }

    internal void End()
    {
        if (_state == ProducerState.Open)
        {
            SetState(ProducerState.Ended);
        }
    }

    internal void Leave()
    {
        if (_state is ProducerState.Open or ProducerState.Ended)
        {
            SetState(HasEnded ? ProducerState.EndedAndLeft : ProducerState.Left);
        }
    }

    protected override bool NeedNotWait()
    {
        ulong read = Volatile.Read(ref *(ulong*)(_control + RingLayout.Read));
        if (read - _readSeen > _written - _readSeen)
        {
            Condition.Fail(new Failure(
                FailureKind.Integrity,
                $"the other side moved its read position from {_readSeen} to {read}, with {_written} bytes written"));
        }
        else
        {
            _readSeen = read;
        }

        return Free >= _needed || Refusal() is not null;
    }

    /// <summary>Why nothing more can be sent, if that is so.</summary>
    private SendStatus? Refusal()
    {
        if (Condition.IsClosed || Condition.Failure is not null)
        {
            return SendStatus.Failed;
        }

        if (_state != ProducerState.Open)
        {
            return SendStatus.Ended;
        }

        switch (Volatile.Read(ref *_peerState))
        {
            case (uint)ProducerState.Open:
                return Condition.PeerIsGone is null ? null : SendStatus.Failed;
            case (uint)ProducerState.Ended:
                return Condition.PeerIsGone is null ? null : SendStatus.Ended;
            case (uint)ProducerState.EndedAndLeft:
                return SendStatus.Ended;
            case (uint)ProducerState.Left:
                Condition.SetPeerIsGone(ChannelFailures.PeerLeft);
                return SendStatus.Failed;
            case uint other:
                Condition.Fail(new Failure(FailureKind.Integrity, $"the other side wrote {other} as its state"));
                return SendStatus.Failed;
        }
    }

    /// <summary>Copies bytes into the ring; false when the channel ended or failed while there was no room.</summary>
    private bool Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (Free == 0 && !WaitForRoom())
            {
                return false;
            }

            int count = (int)Math.Min(Math.Min((ulong)bytes.Length, Free), PieceBytesMax);
            int at = (int)(_written & (_capacity - 1));
            int first = Math.Min(count, (int)_capacity - at);
            bytes[..first].CopyTo(new Span<byte>(_data + at, first));
            bytes[first..count].CopyTo(new Span<byte>(_data, count - first));
            _written += (ulong)count;
            bytes = bytes[count..];
            if (!bytes.IsEmpty)
            {
                Publish();
            }
        }

        return true;
    }

    private bool WaitForRoom()
    {
        Publish();
        _needed = 1;
        if (!Wait(Deadline.After(_stallMax), CancellationToken.None))
        {
            Condition.Fail(new Failure(
                FailureKind.Io, $"the other side took nothing of a message for {_stallMax.TotalSeconds:0.###} s, with {_written - _readSeen} bytes waiting"));
        }

        return Free > 0 && Refusal() is null;
    }

    private bool Publish()
    {
        Volatile.Write(ref *(ulong*)(_control + RingLayout.Written), _written);
        WakePeer();
        return true;
    }

    private void SetState(ProducerState state)
    {
        _state = state;
        Volatile.Write(ref *(uint*)(_control + RingLayout.ProducerState), (uint)state);
        WakePeerAlways();
    }
}
