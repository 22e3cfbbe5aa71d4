using System.Buffers;
using Culvert.Attestation;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// A worker: one event loop over partitions of a run, behind a channel to a host that is not trusted. It checks and opens
/// what comes, advances its partitions, and seals what leaves; what it is told about placement, flow and snapshots can make
/// it slow or stop it, and changes no result. The same loop runs in an enclave, in a worker process and at the owner.
/// Made and run by one thread.
/// </summary>
public sealed partial class StageWorker : IDisposable
{
    /// <summary>A partition may be this many rounds ahead of any that reads from it (as in the open engine).</summary>
    private const int RoundsAheadMax = 4;

    /// <summary>
    /// How often a partition that completes rounds tells the owner of it: the owner believes no host that all goes well.
    /// </summary>
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(1);

    /// <summary>Messages taken before partitions get their turn.</summary>
    private const int MessagesPerTurn = 64;

    private readonly IMessageChannel _channel;
    private readonly WorkerSetup _setup;
    private readonly IWorkerServices _services;
    private readonly EdgeKeys _keys = new();
    private readonly Dictionary<Producer, WorkerPartition> _partitions = [];
    private readonly Dictionary<StageId, ISource> _sources = [];
    private readonly Queue<WorkerPartition> _ready = new();
    private readonly long[][] _completed; // by stage and partition; what others have said, and what is known here
    private readonly HashSet<StageId>[] _downstream;
    private readonly HashSet<StageId>[] _upstream;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ArrayBufferWriter<byte> _head = new();
    private readonly FrameOpener _reports;
    private readonly Func<EdgeId, bool> _isSealed;
    private readonly ResultProof? _proof;
    private Round _granted = Round.None;
    private bool _stopped;
    private long _progress;

    /// <summary>A worker of a run. The setup and the channel stay the caller's.</summary>
    public StageWorker(IMessageChannel channel, WorkerSetup setup, IWorkerServices services)
    {
        (_channel, _setup, _services) = (channel, setup, services);
        Plan = setup.Plan;
        foreach ((EdgeId edge, Secret key) in setup.EdgeKeys)
        {
            _keys.Add(edge, setup.Epoch, new Round(0), Secret.CopyOf(key.Bytes));
        }

        foreach ((EdgeId edge, Secret key) in setup.DispatchKeys)
        {
            _keys.AddDispatch(edge, Secret.CopyOf(key.Bytes));
        }

        _isSealed = SealedEdges.AreSealed(Plan);
        _proof = setup.ProofSalt is not null && setup.Release is not null && ResultProof.Of(Plan) is { Succeeded: true } proof ? proof.Value : null;
        _reports = new FrameOpener(setup.Run, Plan.Digest, _keys);
        _completed = [.. Plan.Stages.Select(s => Enumerable.Repeat(-1L, s.PartitionCount).ToArray())];
        _downstream = [.. Plan.Stages.Select(s => Plan.Edges.Where(e => e.From == s.Id).Select(e => e.To).ToHashSet())];
        _upstream = [.. Plan.Stages.Select(s => Plan.Edges.Where(e => e.To == s.Id).Select(e => e.From).ToHashSet())];
    }

    /// <summary>How long the host may take for one answer; default <see cref="ChannelLimits.StallMax"/>.</summary>
    public TimeSpan AnswerMax { get; init; } = ChannelLimits.StallMax;

    /// <summary>
    /// True at the owner of a run that goes on from a snapshot: a source that began anew there, over other input than before,
    /// would be joined with state of the old. Default false.
    /// </summary>
    public bool MustRestore { get; init; }

    /// <summary>Grows with what only work that was really done can bring about: rounds completed here, and new reports. For the worker's own thread.</summary>
    public long ProvenProgress => _progress;

    /// <summary>The plan that it runs partitions of.</summary>
    public Plan Plan { get; }

    /// <summary>The run.</summary>
    public RunId Run => _setup.Run;

    /// <summary>What the owner gave it.</summary>
    public WorkerSetup Setup => _setup;

    internal CancellationToken Stopping => _stopping.Token;

    internal TimeSpan Now => _services.Clock.Elapsed;

    /// <summary>What went wrong, once <see cref="Work"/> has returned false.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends the work that is under way; for whoever handles messages on the worker's own thread.</summary>
    public void Stop()
    {
        _stopped = true;
        _stopping.Cancel();
    }

    /// <summary>The last round that all partitions of a stage have completed, as far as is known here. From any thread.</summary>
    public Round CompletedBy(StageId stage) => new(_completed[stage.Value].Min());

    /// <summary>Whether a partition is held here and has finished. For the worker's own thread, or when it has returned.</summary>
    public bool HasFinished(Producer producer) => _partitions.TryGetValue(producer, out WorkerPartition? partition) && partition.Step.IsFinished;

    /// <summary>
    /// Works until the host says stop or ends its sending; true then. False when something went wrong: the host was told so
    /// without data, the owner with all there is.
    /// </summary>
    public bool Work()
    {
        try
        {
            while (!_stopped)
            {
                TakeMessages();
                if (!_stopped)
                {
                    Advance();
                }
            }

            return true;
        }
        catch (Exception failure)
        {
            Failure = _writingFailed ?? failure;
            Fail(_current, failure);
            return false;
        }
        finally
        {
            StopWriting();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (WorkerPartition partition in _partitions.Values)
        {
            partition.Dispose();
        }

        foreach (ISource source in _sources.Values)
        {
            source.Dispose();
        }

        _reports.Dispose();
        _keys.Dispose();
        _stopping.Dispose();
    }

    internal void Schedule(WorkerPartition partition)
    {
        if (!partition.IsScheduled)
        {
            partition.IsScheduled = true;
            _ready.Enqueue(partition);
        }
    }

    /// <summary>Whether the receivers of a stage have come far enough for work on a round.</summary>
    internal bool MayWorkOn(StageId stage, Round round)
    {
        foreach (StageId to in _downstream[stage.Value])
        {
            foreach (long completed in _completed[to.Value])
            {
                if (completed < round.Value - RoundsAheadMax)
                {
                    return false;
                }
            }
        }

        return true;
    }

    internal bool MayStart(Round round) => round <= _granted;

    /// <summary>A partition has completed its round, or finished.</summary>
    internal void RoundCompleted(WorkerPartition partition)
    {
        Producer producer = partition.Step.Producer;
        Round completed = partition.Step.IsFinished ? Round.End : partition.Step.CompletedRound;
        Note(producer, completed);
        _progress++;
        if (partition.Step.IsFinished || Now - partition.LastReportAt >= s_reportInterval)
        {
            SendReport(partition, null);
        }

        if (partition.Step.IsFinished && partition.Proof is { } noted)
        {
            SignedStatement statement = noted.State(producer, (partition.Sink as IStrandSink)?.Strand);
            _head.ResetWrittenCount();
            new StatementMessage(statement).Write(_head);
            Send(_head.WrittenSpan);
        }

        TakePart(partition);
        _head.ResetWrittenCount();
        new CompletedMessage(producer, completed).Write(_head);
        Send(_head.WrittenSpan);
    }

    /// <summary>Sends a frame of a partition to wherever its receiver is.</summary>
    internal void SendFrame(WorkerPartition partition, Frame frame)
    {
        if (!_isSealed(frame.Edge))
        {
            // Both stages are open, and all of those are in one worker: nothing leaves the process.
            Producer to = new(Plan.Edges[frame.Edge.Value].To, frame.To);
            (_partitions.GetValueOrDefault(to) ?? throw Refuse($"the open stage of {to} is not held here")).Receive(frame);
            return;
        }

        if (frame.Batch is { } rows && _proof?.IsOf(frame.Edge) == true)
        {
            partition.Proof!.Add(rows);
        }

        Send([(byte)MessageKind.Frame], partition.Edges.Seal(frame).Span);
    }

    internal void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        SendStatus status = _channel.Send(ChannelLimits.StallMax, head, body);
        if (status != SendStatus.Sent)
        {
            throw new ChannelEndedException(_channel.Failure ?? new Failure(FailureKind.Io, "the host takes no more messages"));
        }
    }

    private WorkerPartition? _current;

    private void Advance()
    {
        TimeSpan now = default;
        foreach (WorkerPartition partition in _timed)
        {
            now = now == default ? Now : now;
            if (partition.WakeAt is { } at && at <= now)
            {
                Schedule(partition);
            }
        }

        if (!_ready.TryDequeue(out WorkerPartition? next))
        {
            return;
        }

        next.IsScheduled = false;
        _current = next;
        if (next.Work())
        {
            Schedule(next);
        }

        _current = null;
    }

    /// <summary>Whoever's source waits by the clock.</summary>
    private readonly List<WorkerPartition> _timed = [];

    private TimeSpan PatienceForMessages()
    {
        if (_ready.Count > 0)
        {
            return TimeSpan.Zero;
        }

        TimeSpan? earliest = null;
        foreach (WorkerPartition partition in _timed)
        {
            earliest = partition.WakeAt is { } at && (earliest is null || at < earliest) ? at : earliest;
        }

        TimeSpan patience = earliest is { } wake ? wake - Now : Timeout.InfiniteTimeSpan;
        return earliest is not null && patience < TimeSpan.Zero ? TimeSpan.Zero : patience;
    }

    private void TakeMessages()
    {
        TimeSpan patience = PatienceForMessages();
        for (int i = 0; i < MessagesPerTurn && !_stopped; i++)
        {
            ReceiveStatus status = patience == TimeSpan.Zero
                ? _channel.TryReceive(out Message? message)
                : _channel.Receive(patience, out message, CancellationToken.None);
            switch (status)
            {
                case ReceiveStatus.Received:
                    Take(message!);
                    TakeDeferred();
                    break;
                case ReceiveStatus.NotYet:
                    return;
                case ReceiveStatus.Ended:
                    _stopped = true;
                    return;
                default:
                    throw new ChannelEndedException(_channel.Failure!);
            }

            patience = TimeSpan.Zero;
        }
    }

    private void Note(Producer producer, Round completed)
    {
        _completed[producer.Stage.Value][producer.Partition.Value] = completed.Value;
        foreach (StageId from in _upstream[producer.Stage.Value])
        {
            for (int p = 0; p < Plan.Stages[from.Value].PartitionCount; p++)
            {
                if (_partitions.TryGetValue(new Producer(from, new PartitionId(p)), out WorkerPartition? waiting))
                {
                    Schedule(waiting);
                }
            }
        }
    }

    /// <summary>A message that a host may not send, or not now.</summary>
    private static IntegrityException Refuse(string what) => new(new Failure(FailureKind.Integrity, what));
}
