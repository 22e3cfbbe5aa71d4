namespace Culvert.Sealing;

/// <summary>
/// Seals the frames of one sender instance: a producer's partition from when it was made, restored or copied until it is
/// gone, along all its edges. An instance has a random salt of its own and with it keys of its own, and fills each place
/// (edge, partition, sequence number) once, so no nonce is ever used twice under a key, also not by a replica, a restart or
/// a copy that was rolled back. Allocates nothing per frame. Used by one thread at a time.
/// </summary>
public sealed class FrameSealer : IDisposable
{
    private readonly RunId _run;
    private readonly ulong _plan;
    private readonly EdgeKeys _keys;
    private readonly Producer _from;
    private readonly InstanceSalt _salt;
    private readonly Dictionary<EdgeId, Lane> _lanes = [];

    /// <summary>A sealer for a new instance.</summary>
    /// <param name="run">The run.</param>
    /// <param name="plan">The plan's digest.</param>
    /// <param name="keys">The keys of at least the edges it seals for; stays the caller's, and is not disposed before.</param>
    /// <param name="from">Whose frames.</param>
    /// <param name="salt">Drawn anew for this object: <see cref="InstanceSalt.Random"/>. Two sealers with one salt would break the encryption.</param>
    public FrameSealer(RunId run, PlanDigest plan, EdgeKeys keys, Producer from, InstanceSalt salt)
    {
        _run = run;
        _plan = FrameHeader.ShortOf(plan);
        _keys = keys;
        _from = from;
        _salt = salt;
    }

    /// <summary>
    /// Seals in place: the payload already lies at <see cref="FrameFormat.PayloadOffset"/> of <paramref name="frame"/>, whose
    /// length is that of the frame (<see cref="FrameFormat.FrameBytes"/>); header, watermark, record count and tag are
    /// written around it. One pass of AES, no copy.
    /// </summary>
    /// <param name="place">What the frame is and where it belongs.</param>
    /// <param name="watermarkTicks">The producer's watermark for closes and ends; 0 for data.</param>
    /// <param name="recordCount">Rows of the payload; 0 unless it is data.</param>
    /// <param name="frame">Private memory of the caller; nobody else may see it before this returns.</param>
    /// <returns>The header that was written.</returns>
    /// <exception cref="InvariantViolationException">There is no key for the edge and round; a place was filled already or the
    /// numbers do not ascend; or the instance has sealed as much as a key may.</exception>
    public FrameHeader SealInPlace(in FramePlace place, long watermarkTicks, int recordCount, Span<byte> frame)
    {
        Invariant.Holds(frame.Length is >= FrameFormat.PayloadOffset + FrameFormat.TagBytes and <= FrameFormat.FrameBytesMax);
        Lane lane = LaneOf(place.Edge, place.Round);
        FrameHeader header = new(
            place.Kind, true, _run, _plan, lane.Epoch, place.Edge, place.To, _from, place.Round, place.Sequence,
            frame.Length - FrameFormat.PayloadOffset - FrameFormat.TagBytes, _salt);
        lane.Fill(place.To, place.Sequence, frame.Length);
        header.Write(frame);
        OpenFrame.WriteInner(header, watermarkTicks, recordCount, frame);
        lane.Cipher.Seal(header, frame);
        return header;
    }

    /// <summary>Seals a copy of a payload; as <see cref="SealInPlace"/>, and copies once.</summary>
    /// <returns>The length of the frame at the front of <paramref name="destination"/>, in bytes.</returns>
    public int Seal(in FramePlace place, long watermarkTicks, int recordCount, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        int length = FrameFormat.FrameBytes(payload.Length, isSealed: true);
        payload.CopyTo(destination[FrameFormat.PayloadOffset..]);
        SealInPlace(place, watermarkTicks, recordCount, destination[..length]);
        return length;
    }

    /// <summary>Erases the instance's keys.</summary>
    public void Dispose()
    {
        foreach (Lane lane in _lanes.Values)
        {
            lane.Cipher.Dispose();
        }

        _lanes.Clear();
    }

    private Lane LaneOf(EdgeId edge, Round round)
    {
        bool known = _lanes.TryGetValue(edge, out Lane? lane);
        if (known && lane!.Covers(round))
        {
            return lane;
        }

        Invariant.Holds(_keys.TryFind(edge, round, out EpochKey key));
        if (known && lane!.Epoch == key.Epoch)
        {
            lane.Checked = round;
            return lane;
        }

        // Rounds only go on, so an epoch that was left does not come back.
        Invariant.Holds(!known || lane!.Epoch.CompareTo(key.Epoch) < 0);
        lane?.Cipher.Dispose();
        return _lanes[edge] = new Lane(key.Epoch, new FrameCipher(key.Key, _salt, _from), lane) { Checked = round };
    }

    /// <summary>An edge in one epoch: its cipher, and which places have been filled.</summary>
    private sealed class Lane(KeyEpoch epoch, FrameCipher cipher, Lane? before)
    {
        private readonly Dictionary<PartitionId, SequenceNumber> _next = before?._next ?? [];
        private long _frames;
        private long _bytes;

        internal KeyEpoch Epoch { get; } = epoch;

        internal FrameCipher Cipher { get; } = cipher;

        /// <summary>The round for which the epoch was looked up last.</summary>
        internal Round Checked { get; set; }

        internal bool Covers(Round round) => round == Checked;

        internal void Fill(PartitionId to, SequenceNumber sequence, int bytes)
        {
            _next.TryGetValue(to, out SequenceNumber next);
            Invariant.Holds(sequence >= next);
            Invariant.Holds(_frames < FrameFormat.FramesPerKeyMax && _bytes <= FrameFormat.BytesPerKeyMax - bytes);
            _next[to] = sequence.Next;
            _frames++;
            _bytes += bytes;
        }
    }
}
