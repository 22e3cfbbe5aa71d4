using System.Buffers.Binary;

namespace Culvert.Sealing;

/// <summary>
/// The header of a frame: what a router sees, and what a receiver authenticates (docs/specs/frame.md). 88 bytes, of one
/// canonical form.
/// </summary>
/// <param name="Kind">What the frame carries.</param>
/// <param name="IsSealed">True when what follows is encrypted and authenticated; false for the open form, which has neither epoch nor salt.</param>
/// <param name="Run">The run.</param>
/// <param name="Plan">The first 8 bytes of the plan's digest, big-endian; see <see cref="ShortOf"/>.</param>
/// <param name="Epoch">Which of the edge's keys it is sealed with.</param>
/// <param name="Edge">Along which edge of the plan.</param>
/// <param name="To">The receiving partition of the edge's stage, as the producer chose it.</param>
/// <param name="From">Who made it.</param>
/// <param name="Round">The round it belongs to.</param>
/// <param name="Sequence">Its place among the frames of (edge, to, from).</param>
/// <param name="PayloadBytes">Length of the payload, 0 to <see cref="FrameFormat.PayloadBytesMax"/>.</param>
/// <param name="Salt">The sender instance that sealed it.</param>
public readonly record struct FrameHeader(
    FrameKind Kind,
    bool IsSealed,
    RunId Run,
    ulong Plan,
    KeyEpoch Epoch,
    EdgeId Edge,
    PartitionId To,
    Producer From,
    Round Round,
    SequenceNumber Sequence,
    int PayloadBytes,
    InstanceSalt Salt)
{
    /// <summary>Begins every frame: "CULF".</summary>
    private const uint Mark = 0x464c5543;

    /// <summary>The length of the whole frame in bytes.</summary>
    public int FrameBytes => FrameFormat.FrameBytes(PayloadBytes, IsSealed);

    /// <summary>What a header says of a plan: the first 8 bytes of its digest. Keys are bound to all 32.</summary>
    public static ulong ShortOf(PlanDigest plan) => (ulong)(plan.High >> 64);

    /// <summary>
    /// Reads the header at the front of bytes that may come from anyone; what follows is not looked at. Nothing that it
    /// says is authenticated: <see cref="FrameOpener"/> does that.
    /// </summary>
    /// <returns>The header, or <see cref="FailureKind.Malformed"/>.</returns>
    public static Outcome<FrameHeader> Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < FrameFormat.HeaderBytes)
        {
            return Malformed($"it has {frame.Length} bytes, fewer than a header's {FrameFormat.HeaderBytes}");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(frame) != Mark)
        {
            return Malformed("it does not begin with the mark CULF");
        }

        if (frame[4] != FrameFormat.Version)
        {
            return Malformed($"it is of version {frame[4]}; this Culvert reads version {FrameFormat.Version}");
        }

        if (frame[5] is not ((byte)FrameKind.Data or (byte)FrameKind.Close or (byte)FrameKind.End) || frame[6] > 1 || frame[7] != 0)
        {
            return Malformed($"its kind {frame[5]}, protection {frame[6]} or reserved byte {frame[7]} cannot be");
        }

        FrameHeader header = new(
            (FrameKind)frame[5],
            frame[6] == 1,
            new RunId(BinaryPrimitives.ReadUInt128BigEndian(frame[16..])),
            BinaryPrimitives.ReadUInt64BigEndian(frame[32..]),
            new KeyEpoch(BinaryPrimitives.ReadInt32LittleEndian(frame[8..])),
            new EdgeId(BinaryPrimitives.ReadInt32LittleEndian(frame[40..])),
            new PartitionId(BinaryPrimitives.ReadInt32LittleEndian(frame[44..])),
            new Producer(
                new StageId(BinaryPrimitives.ReadInt32LittleEndian(frame[48..])),
                new PartitionId(BinaryPrimitives.ReadInt32LittleEndian(frame[52..]))),
            new Round(BinaryPrimitives.ReadInt64LittleEndian(frame[56..])),
            new SequenceNumber(BinaryPrimitives.ReadInt64LittleEndian(frame[64..])),
            BinaryPrimitives.ReadInt32LittleEndian(frame[12..]),
            new InstanceSalt(BinaryPrimitives.ReadUInt128BigEndian(frame[72..])));
        return header.Flaw() is { } flaw ? Malformed(flaw) : header;
    }

    /// <summary>Writes the header to the first 88 bytes of <paramref name="frame"/>. A header that cannot be read back is a programming error.</summary>
    public void Write(Span<byte> frame)
    {
        Invariant.Holds(Flaw() is null && Kind is FrameKind.Data or FrameKind.Close or FrameKind.End);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Mark);
        frame[4] = FrameFormat.Version;
        frame[5] = (byte)Kind;
        frame[6] = IsSealed ? (byte)1 : (byte)0;
        frame[7] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(frame[8..], Epoch.Value);
        BinaryPrimitives.WriteInt32LittleEndian(frame[12..], PayloadBytes);
        BinaryPrimitives.WriteUInt128BigEndian(frame[16..], Run.Value);
        BinaryPrimitives.WriteUInt64BigEndian(frame[32..], Plan);
        BinaryPrimitives.WriteInt32LittleEndian(frame[40..], Edge.Value);
        BinaryPrimitives.WriteInt32LittleEndian(frame[44..], To.Value);
        BinaryPrimitives.WriteInt32LittleEndian(frame[48..], From.Stage.Value);
        BinaryPrimitives.WriteInt32LittleEndian(frame[52..], From.Partition.Value);
        BinaryPrimitives.WriteInt64LittleEndian(frame[56..], Round.Value);
        BinaryPrimitives.WriteInt64LittleEndian(frame[64..], Sequence.Value);
        BinaryPrimitives.WriteUInt128BigEndian(frame[72..], Salt.Value);
    }

    /// <summary>The frame in words, as every message names it.</summary>
    public override string ToString() => $"{Kind} {Edge} {From}->{To} {Round} {Sequence}";

    /// <summary>What of the fields cannot be, or null.</summary>
    private string? Flaw() =>
        PayloadBytes is < 0 or > FrameFormat.PayloadBytesMax ? $"a payload of {PayloadBytes} bytes, where 0 to {FrameFormat.PayloadBytesMax} are allowed"
        : Kind != FrameKind.Data && PayloadBytes != 0 ? $"{this} has {PayloadBytes} bytes of rows, which a frame of its kind cannot have"
        : (Edge.Value | To.Value | From.Stage.Value | From.Partition.Value | Epoch.Value) < 0 || (Round.Value | Sequence.Value) < 0
            ? $"{this} has a negative number in its header"
        : !IsSealed && (Epoch.Value != 0 || Salt.Value != 0) ? $"{this} is open, and has a key epoch or a salt all the same"
        : null;

    private static Failure Malformed(string message) => new(FailureKind.Malformed, $"no frame can be read: {message}");
}
