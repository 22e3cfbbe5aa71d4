using System.Buffers.Binary;

namespace Culvert.Enclaves.Rings;

/// <summary>The consuming end of a ring. One thread at a time.</summary>
internal sealed unsafe class RingReader : RingEnd
{
    /// <summary>Room for a long message is given back in pieces, so that both sides copy at the same time.</summary>
    private const int PieceBytesMax = 256 << 10;

    private readonly byte* _control;
    private readonly byte* _data;
    private readonly ulong _capacity;
    private readonly int _messageBytesMax;
    private readonly TimeSpan _stallMax;
    private ulong _read;
    private ulong _writtenSeen;
    private ulong _needed;
    private ProducerState _stateSeen;

    internal RingReader(RingSide side, byte* control, byte* data)
        : base(side.Condition, (uint*)(control + RingLayout.ConsumerSleeps), (uint*)(control + RingLayout.ProducerSleeps), side.CheckPeer)
    {
        _control = control;
        _data = data;
        _capacity = (ulong)side.RingBytes;
        _messageBytesMax = side.MessageBytesMax;
        _stallMax = side.StallMax;
    }

    private ulong Available => _writtenSeen - _read;

    internal ReceiveStatus Receive(TimeSpan timeout, out Message? message, CancellationToken cancellationToken)
    {
        message = null;
        cancellationToken.ThrowIfCancellationRequested();
        if (Condition.IsClosed || Condition.Failure is not null)
        {
            return ReceiveStatus.Failed;
        }

        _needed = RingLayout.PrefixBytes;
        if (Available < _needed)
        {
            bool inTime = Wait(Deadline.After(timeout), cancellationToken);
            if (Available < _needed || Condition.Failure is not null)
            {
                return inTime ? WhyNothing() : ReceiveStatus.NotYet;
            }
        }

        Span<byte> prefix = stackalloc byte[RingLayout.PrefixBytes];
        Copy(prefix);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > (uint)_messageBytesMax)
        {
            Condition.Fail(ChannelFailures.TooLong(length, _messageBytesMax));
            return ReceiveStatus.Failed;
        }

        Message whole = Message.OfLength((int)length);
        if (!Fill(whole.Writable))
        {
            whole.Dispose();
            return ReceiveStatus.Failed;
        }

        Publish();
        message = whole;
        return ReceiveStatus.Received;
    }

    protected override bool NeedNotWait()
    {
        // The end before the position: what was written before the producer ended, or died, is seen when its end is.
        bool isGone = Condition.PeerIsGone is not null;
        ReadState();
        ulong written = Volatile.Read(ref *(ulong*)(_control + RingLayout.Written));
        if (written - _writtenSeen > _capacity - Available)
        {
            Condition.Fail(new Failure(
                FailureKind.Integrity,
                $"the other side moved its write position from {_writtenSeen} to {written}; {_read} bytes were read, and the ring holds {_capacity}"));
        }
        else
        {
            _writtenSeen = written;
        }

        return Available >= _needed || _stateSeen != ProducerState.Open || isGone || Condition.IsClosed || Condition.Failure is not null;
    }

    private void ReadState()
    {
        uint state = Volatile.Read(ref *(uint*)(_control + RingLayout.ProducerState));
        bool goesOn = (_stateSeen, (ProducerState)state) is (ProducerState.Open, <= ProducerState.EndedAndLeft)
            or (ProducerState.Ended, ProducerState.Ended or ProducerState.EndedAndLeft)
            or (ProducerState.Left, ProducerState.Left)
            or (ProducerState.EndedAndLeft, ProducerState.EndedAndLeft);
        if (goesOn)
        {
            _stateSeen = (ProducerState)state;
        }
        else
        {
            Condition.Fail(new Failure(FailureKind.Integrity, $"the other side wrote {state} as its state, after {(uint)_stateSeen}"));
        }
    }

    /// <summary>With fewer bytes there than a message begins with.</summary>
    private ReceiveStatus WhyNothing()
    {
        if (Condition.IsClosed || Condition.Failure is not null)
        {
            return ReceiveStatus.Failed;
        }

        bool hasEnded = _stateSeen is ProducerState.Ended or ProducerState.EndedAndLeft;
        if (Available > 0)
        {
            Condition.Fail(new Failure(
                hasEnded ? FailureKind.Integrity : FailureKind.Io, $"the other side left {Available} bytes behind, which are no message"));
            return ReceiveStatus.Failed;
        }

        if (hasEnded)
        {
            return ReceiveStatus.Ended;
        }

        Condition.SetPeerIsGone(ChannelFailures.PeerLeft);
        return ReceiveStatus.Failed;
    }

    /// <summary>Takes a message's bytes as they come; false when they stop coming.</summary>
    private bool Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (Available == 0)
            {
                Publish();
                _needed = 1;
                bool inTime = Wait(Deadline.After(_stallMax), CancellationToken.None);
                if (Condition.Failure is not null || Condition.IsClosed)
                {
                    return false;
                }

                if (Available == 0)
                {
                    Condition.Fail(Stopped(inTime, destination.Length));
                    return false;
                }
            }

            int count = (int)Math.Min(Math.Min((ulong)destination.Length, Available), PieceBytesMax);
            Copy(destination[..count]);
            destination = destination[count..];
            if (!destination.IsEmpty)
            {
                Publish();
            }
        }

        return true;
    }

    private Failure Stopped(bool inTime, int missing) =>
        !inTime ? new Failure(FailureKind.Io, $"the other side stopped in the middle of a message: {missing} bytes are missing after {_stallMax.TotalSeconds:0.###} s")
        : _stateSeen == ProducerState.Ended ? new Failure(FailureKind.Integrity, $"the other side ended in the middle of a message: {missing} bytes are missing")
        : Condition.PeerIsGone ?? new Failure(FailureKind.Io, $"the other side left in the middle of a message: {missing} bytes are missing");

    private void Copy(Span<byte> destination)
    {
        int at = (int)(_read & (_capacity - 1));
        int first = Math.Min(destination.Length, (int)_capacity - at);
        new ReadOnlySpan<byte>(_data + at, first).CopyTo(destination);
        new ReadOnlySpan<byte>(_data, destination.Length - first).CopyTo(destination[first..]);
        _read += (ulong)destination.Length;
    }

    private void Publish()
    {
        Volatile.Write(ref *(ulong*)(_control + RingLayout.Read), _read);
        WakePeer();
    }
}
