using System.Collections.Immutable;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <content>What a worker makes of the host's messages.</content>
public sealed partial class StageWorker
{
    /// <summary>Bytes of a block message before the block itself: kind, number, found.</summary>
    private const int BlockHeadBytes = 10;

    /// <summary>Questions that wait for an answer; a source asks for a bounded number ahead.</summary>
    private const int QuestionsMax = 4096;

    /// <summary>Messages that may come while one answer is waited for: a host sends each worker a few per partition and round.</summary>
    private const int DeferredMax = 65_536;

    /// <summary>Instances of partitions whose reports are told apart; each takes a start of a worker.</summary>
    private const int ReportersMax = 65_536;

    private readonly Dictionary<long, Action<Message?>> _questions = [];
    private readonly Queue<Message> _deferred = new();
    private readonly Dictionary<(Producer From, InstanceSalt Instance), SequenceNumber> _lastReports = [];
    private Producer? _assigning;
    private long _questionNumber;

    /// <summary>Asks the host; <paramref name="answer"/> gets the block's message, which it owns and whose bytes begin at <see cref="BlockOf"/>, or null.</summary>
    internal void Ask(Func<long, ReadMessage> question, Action<Message?> answer)
    {
        Invariant.Holds(_questions.Count < QuestionsMax);
        ReadMessage read = question(++_questionNumber);
        _questions.Add(read.Number, answer);
        _head.ResetWrittenCount();
        read.Write(_head);
        Send(_head.WrittenSpan);
    }

    /// <summary>Asks the host and waits; other messages wait meanwhile. Null when there is no such thing.</summary>
    internal Message? AskNow(Func<long, ReadMessage> question)
    {
        Message? answer = null;
        bool answered = false;
        Ask(question, message => (answer, answered) = (message, true));
        TimeSpan until = Now + AnswerMax;
        while (!answered)
        {
            Message next = AwaitMessage(until);
            if (next.Length > 0 && next.Bytes[0] == (byte)MessageKind.Block)
            {
                TakeBlock(next);
                continue;
            }

            _deferred.Enqueue(next);
            if (_deferred.Count > DeferredMax)
            {
                throw Refuse($"the host sent {DeferredMax} messages instead of an answer");
            }
        }

        return answer;
    }

    private Message AwaitMessage(TimeSpan until)
    {
        while (true)
        {
            TimeSpan left = until - Now;
            if (left <= TimeSpan.Zero || _stopped)
            {
                throw new ChannelEndedException(new Failure(
                    FailureKind.Io, _stopped ? "the run ended while an answer was waited for" : $"waited {AnswerMax.TotalSeconds:0.###} s for the host's answer, and none came"));
            }

            switch (_channel.Receive(left, out Message? message, CancellationToken.None))
            {
                case ReceiveStatus.Received:
                    return message!;
                case ReceiveStatus.NotYet: // time is up, or the message was another's
                    break;
                case ReceiveStatus.Ended:
                    throw new ChannelEndedException(new Failure(FailureKind.Missing, "the host ended its sending without an answer"));
                default:
                    throw new ChannelEndedException(_channel.Failure!);
            }
        }
    }

    /// <summary>The block in a block message: private memory, which its owner may change.</summary>
    internal static Span<byte> BlockOf(Message message) => message.Writable[BlockHeadBytes..];

    private void TakeDeferred()
    {
        while (_deferred.TryDequeue(out Message? message))
        {
            Take(message);
        }
    }

    /// <summary>Takes a message, which is then disposed or somebody else's.</summary>
    private void Take(Message message)
    {
        if (message.Length == 0)
        {
            message.Dispose();
            throw Refuse("the host sent a message without a kind");
        }

        if ((MessageKind)message.Bytes[0] == MessageKind.Block)
        {
            TakeBlock(message);
            return;
        }

        using (message)
        {
            ReadOnlySpan<byte> fields = message.Bytes[1..];
            switch ((MessageKind)message.Bytes[0])
            {
                case MessageKind.Frame:
                    TakeFrame(message.Writable[1..]);
                    break;
                case MessageKind.Completed:
                    TakeCompleted(Whole(CompletedMessage.Read(fields)));
                    break;
                case MessageKind.Grant:
                    TakeGrant(Whole(RoundMessage.Read(MessageKind.Grant, fields)).Round);
                    break;
                case MessageKind.Barrier:
                    TakeBarrier(Whole(RoundMessage.Read(MessageKind.Barrier, fields)).Round);
                    break;
                case MessageKind.Assign:
                    TakeAssign(Whole(AssignMessage.Read(fields)));
                    break;
                case MessageKind.Stop when fields.IsEmpty:
                    _stopped = true;
                    _stopping.Cancel();
                    break;
                default:
                    throw Refuse($"the host sent a message of kind {message.Bytes[0]}, which it may not send to a worker at work");
            }
        }
    }

    private static T Whole<T>(Outcome<T> message) => message.Failure is { } failure ? throw Refuse(failure.Message) : message.Value;

    private void TakeBlock(Message message)
    {
        FieldReader reader = new(message.Bytes[1..]);
        long number = reader.Int64();
        byte found = reader.Byte();
        if (reader.IsCut || found > 1 || (found == 0 && reader.Left > 0) || !_questions.Remove(number, out Action<Message?>? answer))
        {
            message.Dispose();
            throw Refuse($"the host answered question {number}, which was not asked");
        }

        if (found == 0)
        {
            message.Dispose();
            answer(null);
        }
        else
        {
            answer(message);
        }
    }

    private void TakeFrame(Span<byte> bytes)
    {
        Outcome<FrameHeader> header = FrameHeader.Read(bytes);
        if (header.Failure is { } unread)
        {
            throw new IntegrityException(unread);
        }

        EdgeId edge = header.Value.Edge;
        if (WorkerSetup.IsReportEdge(Plan, edge))
        {
            TakeReport(bytes);
            return;
        }

        if (edge.Value >= Plan.Edges.Length)
        {
            throw Refuse($"{header.Value} is of an edge that the plan does not have");
        }

        if (!_isSealed(edge))
        {
            throw Refuse($"{header.Value} comes from the host, along an edge whose frames never leave their process");
        }

        Producer to = new(Plan.Edges[edge.Value].To, header.Value.To);
        if (!_partitions.TryGetValue(to, out WorkerPartition? partition))
        {
            throw Refuse($"{header.Value} was brought to a worker that does not hold {to}");
        }

        _current = partition;
        Outcome<Frame> frame = partition.Edges.Open(bytes);
        if (frame.Failure is { } failure)
        {
            throw new IntegrityException(failure);
        }

        partition.Receive(frame.Value);
        _current = null;
    }

    private void TakeReport(Span<byte> bytes)
    {
        if (_setup.EdgeKeys.IsEmpty)
        {
            return; // whoever started the run has no key: what it reports is for its owner
        }

        Outcome<OpenedFrame> opened = _reports.OpenInPlace(bytes);
        if (opened.Failure is { } failure)
        {
            throw new IntegrityException(failure);
        }

        Outcome<PartitionReport> report = PartitionReport.Read(
            bytes.Slice(FrameFormat.PayloadOffset, opened.Value.Header.PayloadBytes));
        if (report.Failure is { } flaw)
        {
            throw new IntegrityException(flaw);
        }

        // Reports are no channel without gaps: what counts is the newest of each instance. A repeated one tells nothing.
        FrameHeader header = opened.Value.Header;
        if (header.Edge != WorkerSetup.ReportEdge(Plan, header.From.Stage))
        {
            throw Refuse($"{header} speaks for a stage whose reports take another edge");
        }

        if (_lastReports.TryGetValue((header.From, header.Salt), out SequenceNumber last) && header.Sequence <= last)
        {
            return;
        }

        if (_lastReports.Count >= ReportersMax)
        {
            throw Refuse($"the host brought reports of more than {ReportersMax} instances");
        }

        _lastReports[(header.From, header.Salt)] = header.Sequence;
        _progress++;
        _services.Report(header.From, report.Value);
    }

    private void TakeCompleted(CompletedMessage message)
    {
        (int stage, int partition) = (message.Producer.Stage.Value, message.Producer.Partition.Value);
        if ((uint)stage >= (uint)_completed.Length || (uint)partition >= (uint)_completed[stage].Length)
        {
            throw Refuse($"the host spoke of {message.Producer}, which the plan does not have");
        }

        // What a host says of others decides only how far ahead to work. What is known here it cannot change.
        if (!_partitions.ContainsKey(message.Producer) && message.Round.Value > _completed[stage][partition])
        {
            Note(message.Producer, message.Round);
        }
    }

    private void TakeGrant(Round round)
    {
        if (round <= _granted)
        {
            return;
        }

        _granted = round;
        foreach (WorkerPartition partition in _partitions.Values)
        {
            Schedule(partition);
        }
    }

    private void TakeAssign(AssignMessage message)
    {
        Producer producer = message.Producer;
        if ((uint)producer.Stage.Value >= (uint)Plan.Stages.Length
            || (uint)producer.Partition.Value >= (uint)Plan.Stages[producer.Stage.Value].PartitionCount)
        {
            throw Refuse($"the host assigned {producer}, which the plan does not have");
        }

        Stage stage = Plan.Stages[producer.Stage.Value];
        if (!_setup.StateKeys.ContainsKey(stage.Id))
        {
            throw Refuse($"the host assigned {producer}, whose keys the owner did not release to this worker");
        }

        if (_partitions.ContainsKey(producer))
        {
            throw Refuse($"the host assigned {producer} twice");
        }

        if (MustRestore && message.Restore is null)
        {
            throw Refuse($"the host assigned {producer} anew, in a run that goes on from a snapshot");
        }

        _assigning = producer;
        Hold(producer, stage, message);
        _assigning = null;
    }

    private void Hold(Producer producer, Stage stage, AssignMessage message)
    {
        (PartitionState? state, ReadOnlyMemory<byte> position, ReadOnlyMemory<byte> noted) = message.Restore is { } point ? Restore(producer, point) : (null, default, default);
        if (_proof?.IsOf(stage.Id) == true && message.Restore is not null && noted.IsEmpty)
        {
            // Rows that went out before the snapshot were not noted: a statement would be of the others, and call them all.
            throw Refuse("a result is to be proven whose first rows nobody noted: the run was begun without a proof; go on without one (no --prove), or begin it anew with one");
        }

        PartitionProof? proof = _proof?.IsOf(stage.Id) == true ? new PartitionProof(_proof, _setup, _services.ReadInputs(this), noted.Span) : null;
        InstanceSalt salt = InstanceSalt.Random(_services.Entropy);
        SealedEdges edges = new(Plan, Run, _keys, producer, salt, _isSealed);
        PartitionShell shell = new(this, _proof?.IsWrittenBy(stage.Id) == true ? proof : null);
        PartitionStep step = new(Plan, stage.Id, producer.Partition, shell, shell, state, edge => _isSealed(edge) ? _keys.Dispatch(edge) : null);
        ISourcePartition? source = stage.Source is null ? null : SourceOf(stage).Open(producer.Partition, position.Span);
        FrameSealer reports = new(Run, Plan.Digest, _keys, producer, InstanceSalt.Random(_services.Entropy));
        WorkerPartition partition = new(this, step, edges, reports, source) { Proof = proof, Sink = shell.Sink };
        shell.Partition = partition;
        _partitions.Add(producer, partition);
        if (source is not null)
        {
            _timed.Add(partition);
        }

        if (message.Restore is not null)
        {
            // The host, and those who send to it, know nothing of what an earlier process said: they would wait for it.
            RoundCompleted(partition);
        }
        else
        {
            Note(producer, step.CompletedRound);
        }

        Schedule(partition);
    }

    private ISource SourceOf(Stage stage)
    {
        if (!_sources.TryGetValue(stage.Id, out ISource? source))
        {
            source = _services.OpenSource(this, stage.Id, stage.Source!);
            _sources.Add(stage.Id, source);
        }

        return source;
    }

    /// <summary>What a step sees of its worker; the partition is set once the step is made, before it sends anything.</summary>
    private sealed class PartitionShell(StageWorker worker, PartitionProof? written) : IFrameSink, IStageServices
    {
        internal WorkerPartition? Partition { get; set; }

        internal ISinkWriter? Sink { get; private set; }

        public StateBudget? StateBudget => worker._services.Budget;

        public void Send(Frame frame) => worker.SendFrame(Partition!, frame);

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position)
        {
            ISinkWriter opened = worker._services.OpenSink(worker, sink, partition, position);
            Sink = opened;
            if (Partition is not null)
            {
                Partition.Sink = opened;
            }

            return written is null ? opened : new NotedSink(opened, written);
        }
    }

    /// <summary>A sink whose rows are noted for the proof as they are written.</summary>
    private sealed class NotedSink(ISinkWriter sink, PartitionProof proof) : ISinkWriter
    {
        public void Write(Batch batch, Round round)
        {
            proof.Add(batch);
            sink.Write(batch, round);
        }

        public void CloseRound(Round round, Watermark watermark) => sink.CloseRound(round, watermark);

        public void Complete() => sink.Complete();

        public void WritePosition(System.Buffers.IBufferWriter<byte> writer) => sink.WritePosition(writer);

        public void MakeDurable() => sink.MakeDurable();

        public void Dispose() => sink.Dispose();
    }
}
