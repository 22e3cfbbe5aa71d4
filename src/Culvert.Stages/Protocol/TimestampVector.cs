using System.Buffers.Binary;
using Culvert.Sealing;

namespace Culvert.Stages;

/// <summary>What a receiver makes of a frame's place in its channel.</summary>
public enum FrameVerdict : byte
{
    /// <summary>It is the next one.</summary>
    Next = 1,

    /// <summary>It was taken before: a replay, dropped without harm.</summary>
    Duplicate = 2,
}

/// <summary>
/// Per input channel, up to which round and sequence number a partition has taken frames. A pure core: facts in, a
/// verdict out. Whatever is not the next frame or one taken before is an integrity failure that names the frame: a gap,
/// a round that does not follow, anything behind an end mark, a channel that the plan does not have.
/// </summary>
public sealed class TimestampVector
{
    private readonly Channel[] _channels;
    private readonly Entry[] _entries;
    private readonly Dictionary<Channel, int> _indexes = [];

    /// <summary>A vector that has taken nothing, over the channels of a partition.</summary>
    public TimestampVector(IEnumerable<Channel> channels)
    {
        _channels = [.. channels.Order()];
        _entries = new Entry[_channels.Length];
        for (int i = 0; i < _channels.Length; i++)
        {
            Invariant.Holds(_indexes.TryAdd(_channels[i], i));
            _entries[i] = new Entry(new SequenceNumber(0), Round.None, false);
        }
    }

    /// <summary>The channels, in order.</summary>
    public ReadOnlySpan<Channel> Channels => _channels;

    /// <summary>How far a channel has come: the next sequence number, the last round closed, whether it has ended.</summary>
    public (SequenceNumber Next, Round Closed, bool Ended) this[int channel] =>
        (_entries[channel].Next, _entries[channel].Closed, _entries[channel].Ended);

    /// <summary>The index of a channel in <see cref="Channels"/>, or -1.</summary>
    public int IndexOf(Channel channel) => _indexes.TryGetValue(channel, out int index) ? index : -1;

    /// <summary>Judges a frame by its header, and where it is the next one takes it.</summary>
    public Outcome<FrameVerdict> Take(FrameKind kind, EdgeId edge, Producer from, Round round, SequenceNumber sequence)
    {
        int index = IndexOf(new Channel(edge, from));
        if (index < 0)
        {
            return Refuse($"frame {sequence} of {round} comes from {from} along {edge}, which the plan does not have");
        }

        if (kind is not (FrameKind.Data or FrameKind.Close or FrameKind.End) || sequence.Value < 0)
        {
            return Refuse($"{Place()} is of kind {kind}: no producer sends such frames");
        }

        ref Entry entry = ref _entries[index];
        if (sequence < entry.Next)
        {
            return FrameVerdict.Duplicate;
        }

        if (sequence > entry.Next)
        {
            return Refuse($"{Place()}: {entry.Next} was expected, so frames were lost or moved");
        }

        if (entry.Ended)
        {
            return Refuse($"{Place()} comes behind the end mark");
        }

        if (round != entry.Closed.Next)
        {
            return Refuse($"{Place()}: round {entry.Closed.Next} was expected");
        }

        entry = new Entry(
            sequence.Next,
            kind == FrameKind.Close ? round : entry.Closed,
            kind == FrameKind.End);
        return FrameVerdict.Next;

        string Place() => $"frame {sequence} of {round} from {from} along {edge}";
    }

    /// <summary>
    /// The vector as it stood behind a complete round: without the frames that were taken since and wait for later rounds.
    /// A snapshot holds this one, since what waits is in no state yet and has to be sent again.
    /// </summary>
    /// <param name="completed">The last complete round.</param>
    /// <param name="waiting">For each channel how many frames of later rounds wait.</param>
    public TimestampVector Behind(Round completed, ReadOnlySpan<int> waiting)
    {
        Invariant.Holds(waiting.Length == _entries.Length);
        TimestampVector behind = new(_channels);
        for (int i = 0; i < _entries.Length; i++)
        {
            behind._entries[i] = waiting[i] == 0
                ? _entries[i]
                : new Entry(new SequenceNumber(_entries[i].Next.Value - waiting[i]), completed, false);
        }

        return behind;
    }

    /// <summary>Bytes of the vector when written.</summary>
    public int SizeBytes => _entries.Length * EntryBytes;

    private const int EntryBytes = 17;

    /// <summary>Writes the vector: per channel in order the next sequence number, the round closed and the end mark, little-endian.</summary>
    public void Write(Span<byte> destination)
    {
        foreach (Entry entry in _entries)
        {
            BinaryPrimitives.WriteInt64LittleEndian(destination, entry.Next.Value);
            BinaryPrimitives.WriteInt64LittleEndian(destination[8..], entry.Closed.Value);
            destination[16] = entry.Ended ? (byte)1 : (byte)0;
            destination = destination[EntryBytes..];
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote for the same channels.</summary>
    public Outcome<bool> Read(ReadOnlySpan<byte> source)
    {
        if (source.Length != SizeBytes)
        {
            return new Failure(FailureKind.Malformed, $"a timestamp vector of {_entries.Length} channels has {SizeBytes} bytes, not {source.Length}");
        }

        for (int i = 0; i < _entries.Length; i++)
        {
            ReadOnlySpan<byte> entry = source.Slice(i * EntryBytes, EntryBytes);
            long next = BinaryPrimitives.ReadInt64LittleEndian(entry);
            long closed = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
            if (next < 0 || closed < -1 || closed > next || entry[16] > 1)
            {
                return new Failure(FailureKind.Malformed, $"the timestamp vector's entry of {_channels[i]} cannot be");
            }

            _entries[i] = new Entry(new SequenceNumber(next), new Round(closed), entry[16] == 1);
        }

        return true;
    }

    private static Failure Refuse(string message) => new(FailureKind.Integrity, message);

    private record struct Entry(SequenceNumber Next, Round Closed, bool Ended);
}
