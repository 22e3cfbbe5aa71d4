using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Between a partition's step and its router: frames leave as bytes and come as bytes (docs/specs/frame.md), sealed on the
/// edges that are, open on the others. One object per partition instance; it is made anew, with a new salt, whenever the
/// partition is made, restored or copied. Used by one thread at a time.
/// </summary>
public sealed class SealedEdges : IDisposable
{
    private readonly Plan _plan;
    private readonly RunId _run;
    private readonly ulong _planShort;
    private readonly Producer _self;
    private readonly Func<EdgeId, bool> _isSealed;
    private readonly FrameSealer _sealer;
    private readonly FrameOpener _opener;
    private readonly FrameCodec?[] _codecs; // by edge number
    private readonly FrameBuffer _buffer = new();

    /// <summary>The edges of a partition instance.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="run">The run.</param>
    /// <param name="keys">The keys of the partition's sealed edges; they stay the caller's, and are not disposed before.</param>
    /// <param name="self">The partition.</param>
    /// <param name="salt">Drawn anew for this object (<see cref="InstanceSalt.Random"/>), and used for no other.</param>
    /// <param name="isSealed">Which edges are sealed; null for <see cref="AreSealed"/>.</param>
    public SealedEdges(Plan plan, RunId run, EdgeKeys keys, Producer self, InstanceSalt salt, Func<EdgeId, bool>? isSealed = null)
    {
        _plan = plan;
        _run = run;
        _planShort = FrameHeader.ShortOf(plan.Digest);
        _self = self;
        _isSealed = isSealed ?? AreSealed(plan);
        _sealer = new FrameSealer(run, plan.Digest, keys, self, salt);
        _opener = new FrameOpener(run, plan.Digest, keys);
        _codecs = new FrameCodec?[plan.Edges.Length];
    }

    /// <summary>
    /// The usual choice: an edge is sealed unless both its stages are open. Open stages of a protected run are the owner's, so
    /// what goes between two of them never leaves a process.
    /// </summary>
    public static Func<EdgeId, bool> AreSealed(Plan plan)
    {
        bool[] edges = [.. plan.Edges.Select(e =>
            plan.Stages[e.From.Value].Protection != Protection.Open || plan.Stages[e.To.Value].Protection != Protection.Open)];
        return edge => edges[edge.Value];
    }

    /// <summary>Makes a frame's bytes. Takes the frame, and with it its batch.</summary>
    /// <returns>The bytes, valid until the next call; the receiver gets a copy.</returns>
    /// <exception cref="StageFailedException">Its rows take more bytes than a frame may have.</exception>
    public ReadOnlyMemory<byte> Seal(Frame frame)
    {
        Invariant.Holds(frame.From == _self);
        _buffer.Clear();
        int records = 0;
        if (frame.Batch is { } batch)
        {
            records = batch.Count;
            CodecOf(frame.Edge).Write(batch, _buffer);
            batch.Dispose();
        }

        if (_buffer.PayloadBytes > FrameFormat.PayloadBytesMax)
        {
            throw new StageFailedException(
                $"{frame}: {records} rows take {_buffer.PayloadBytes} bytes, and a frame holds at most {FrameFormat.PayloadBytesMax}; let the source cut smaller batches");
        }

        bool isSealed = _isSealed(frame.Edge);
        Memory<byte> bytes = _buffer.Frame(isSealed);
        long ticks = frame.Kind == FrameKind.Data ? 0 : frame.Watermark.Ticks;
        if (isSealed)
        {
            FramePlace place = new(frame.Kind, frame.Edge, frame.To, frame.Round, frame.Sequence);
            _sealer.SealInPlace(place, ticks, records, bytes.Span);
        }
        else
        {
            FrameHeader header = new(
                frame.Kind, false, _run, _planShort, default, frame.Edge, frame.To, _self, frame.Round, frame.Sequence, _buffer.PayloadBytes, default);
            OpenFrame.Write(header, ticks, records, bytes.Span);
        }

        return bytes;
    }

    /// <summary>Opens a frame that was brought to this partition; it is decrypted in place.</summary>
    /// <param name="bytes">Exactly one frame, in memory that nobody else can change; what it holds afterwards is not to be used.</param>
    /// <returns>The frame, whose batch is the caller's, or <see cref="FailureKind.Integrity"/> with the frame's name.</returns>
    public Outcome<Frame> Open(Span<byte> bytes)
    {
        Outcome<FrameHeader> read = FrameHeader.Read(bytes);
        if (read.Failure is { } unreadable)
        {
            return Refuse($"{unreadable.Message}; it was brought to {_self}");
        }

        FrameHeader header = read.Value;
        if (Misfit(header) is { } misfit)
        {
            return misfit;
        }

        Outcome<OpenedFrame> opened = _isSealed(header.Edge) ? _opener.OpenInPlace(bytes) : OpenFrame.Read(bytes);
        if (opened.Failure is { } failure)
        {
            return failure;
        }

        Batch? batch = null;
        if (header.Kind == FrameKind.Data)
        {
            Outcome<Batch> rows = CodecOf(header.Edge).Read(
                bytes.Slice(FrameFormat.PayloadOffset, header.PayloadBytes), opened.Value.RecordCount);
            if (rows.Failure is { } malformed)
            {
                return Refuse($"{header}: {malformed.Message}");
            }

            batch = rows.Value;
        }

        Watermark watermark = header.Kind == FrameKind.Data ? default : new Watermark(opened.Value.WatermarkTicks);
        return new Frame(header.Kind, header.Edge, header.To, header.From, header.Round, header.Sequence, watermark, batch);
    }

    /// <summary>Erases the instance's keys.</summary>
    public void Dispose()
    {
        _sealer.Dispose();
        _opener.Dispose();
    }

    /// <summary>What of a header cannot be at this partition, before anything is spent on it.</summary>
    private Failure? Misfit(in FrameHeader header) =>
        header.Run != _run ? Refuse($"{header} is of the run {header.Run}, not of {_run}")
        : header.Plan != _planShort ? Refuse($"{header} is of the plan {header.Plan:x16}, not of {_planShort:x16}")
        : header.Edge.Value >= _plan.Edges.Length ? Refuse($"{header} comes along an edge that the plan does not have")
        : _plan.Edges[header.Edge.Value].To != _self.Stage || header.To != _self.Partition ? Refuse($"{header} was brought to {_self}")
        : _plan.Edges[header.Edge.Value].From != header.From.Stage
            || header.From.Partition.Value >= _plan.Stages[header.From.Stage.Value].PartitionCount
            ? Refuse($"{header} is of a producer that its edge does not have")
        : null;

    private FrameCodec CodecOf(EdgeId edge) => _codecs[edge.Value] ??= new FrameCodec(_plan, edge);

    private static Failure Refuse(string message) => new(FailureKind.Integrity, message);
}
