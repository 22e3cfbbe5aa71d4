using System.Buffers;
using Culvert.Enclaves;
using Culvert.Sealing;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// A run as its host sees it: carries frames between workers, keeps their sealed files and snapshots, and says who holds
/// which partition and how far sources may go. It sees headers only and never has a key. What it decides wrongly makes a
/// run slow or fail, and changes no result.
/// </summary>
internal sealed partial class HostedRun : IDisposable
{
    /// <summary>Rounds that sources may be ahead of the slowest source while snapshots are kept: their round is one that none has begun.</summary>
    private const int RoundsGrantedAhead = 8;

    private readonly Lock _lock = new();
    private readonly HostSettings _settings;
    private readonly RunLayout _layout;
    private readonly WorkerLink[] _links;
    private readonly Dictionary<Producer, WorkerLink> _holders = [];
    private readonly Dictionary<Producer, Round> _completed = [];
    private readonly HashSet<int>[] _upstream; // stages that send to a stage
    private readonly SealedInputs _inputs;
    private SealedOutput? _output;
    private readonly HostSnapshots? _snapshots;
    private readonly TaskCompletionSource<(HostOutcome Outcome, Failure? Failure)> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Round _granted = Round.None;
    private bool _started;
    private bool _endsEarly;

    internal HostedRun(HostSettings settings, HostSnapshots? snapshots, IReadOnlyList<IMessageChannel> channels)
    {
        (_settings, _layout, _snapshots) = (settings, settings.Layout, snapshots);
        _inputs = new SealedInputs(settings.Inputs);
        _upstream = [.. _layout.Stages.Select((_, i) => _layout.Edges.Where(e => e.To.Value == i).Select(e => e.From.Value).ToHashSet())];
        _links = [.. channels.Select((c, i) => new WorkerLink(i, c, Received, LinkEnded))];
        Place();
    }

    /// <summary>How the run ended.</summary>
    internal Task<(HostOutcome Outcome, Failure? Failure)> Ended => _ended.Task;

    /// <summary>The owner's own channel, on which the host's messages go too.</summary>
    internal WorkerLink Owner => _links[0];

    /// <summary>Begins to listen to all workers.</summary>
    internal void Start()
    {
        foreach (WorkerLink link in _links)
        {
            link.Start();
        }

        if (_links.Length == 1)
        {
            lock (_lock)
            {
                AssignAll();
            }
        }
    }

    /// <summary>Tells the workers to stop, and gives the result its name if the run has finished.</summary>
    internal void Finish(HostOutcome outcome)
    {
        foreach (WorkerLink link in _links.AsSpan(1))
        {
            link.Send([(byte)MessageKind.Stop]);
        }

        if (outcome == HostOutcome.Finished)
        {
            _output?.Complete();
        }
    }

    /// <summary>Ends all links but the owner's, whose queue is emptied first.</summary>
    public void Dispose()
    {
        _snapshots?.Dispose();
        foreach (WorkerLink link in _links.AsSpan(1))
        {
            link.Dispose();
        }

        Owner.Flush();
        _inputs.Dispose();
        _output?.Dispose();
    }

    /// <summary>Says a worker's partitions: those of a place go to its workers in turn.</summary>
    private void Place()
    {
        int enclaves = _layout.Stages.Any(s => s.Place == StagePlace.Enclave) ? _settings.Workers : 0;
        int next = 0;
        foreach (Producer producer in _layout.Partitions)
        {
            int number = _layout.Stages[producer.Stage.Value].Place switch
            {
                StagePlace.Owner => 0,
                StagePlace.Enclave => 1 + (next++ % enclaves),
                _ => 1 + enclaves + (next++ % _settings.Workers),
            };
            _holders.Add(producer, _links[number]);
            _completed.Add(producer, Round.None);
        }
    }

    private void Received(WorkerLink link, Message message)
    {
        bool keeps = false;
        try
        {
            keeps = message.Length > 0 && Handle(link, message, (MessageKind)message.Bytes[0], message.Bytes[1..]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StageFailedException)
        {
            End(HostOutcome.Failed, new Failure(FailureKind.Io, failure.Message));
        }
        catch (Exception failure)
        {
            // No worker's message may end the process of all others; what it was is told.
            End(HostOutcome.Failed, new Failure(FailureKind.Integrity, $"a message of worker {link.Number} could not be handled: {failure.GetType().Name}: {failure.Message}"));
        }
        finally
        {
            if (!keeps)
            {
                message.Dispose();
            }
        }
    }

    /// <summary>Handles a message; true when it was passed on and is somebody else's now.</summary>
    private bool Handle(WorkerLink link, Message message, MessageKind kind, ReadOnlySpan<byte> fields)
    {
        switch (kind)
        {
            case MessageKind.Frame:
                return Route(message, fields);
            case MessageKind.Completed:
                if (Check(CompletedMessage.Read(fields), link) is { Succeeded: true } completed)
                {
                    Completed(link, completed.Value);
                }

                break;
            case MessageKind.Read:
                if (Check(ReadMessage.Read(fields), link) is { Succeeded: true } read)
                {
                    Answer(link, read.Value);
                }

                break;
            case MessageKind.Append when _output is not null:
                _output.Append(fields);
                break;
            case MessageKind.Store when _snapshots is not null:
                FieldReader store = new(fields);
                string name = store.Text(MessageLimits.TextBytesMax);
                if (store.IsCut)
                {
                    return Misbehaves(link, "sent a blob without a name");
                }

                _snapshots.Store(name, store.Take(store.Left).ToArray());
                break;
            case MessageKind.Part when _snapshots is not null:
                if (Check(PartMessage.Read(fields), link) is { Succeeded: true } part)
                {
                    PartStored(part.Value);
                }

                break;
            case MessageKind.Hello when link.Number > 0:
                PassOnce(link, HostMessageKind.WorkerHello, _greeted, fields, HelloBytesMax);
                break;
            case MessageKind.Evidence when link.Number > 0:
                PassOnce(link, HostMessageKind.WorkerEvidence, _attested, fields, EvidenceBytesMax);
                break;
            case MessageKind.Statement when link.Number > 0:
                return PassStatement(link, fields);
            case MessageKind.Ready when link.Number > 0:
                if (Check(ReadyMessage.Read(fields), link) is { Succeeded: true } ready)
                {
                    IsReady(link, ready.Value);
                }

                break;
            case MessageKind.Failed:
                Outcome<FailedMessage> failed = FailedMessage.Read(fields);
                End(HostOutcome.Failed, failed.Succeeded ? new Failure(failed.Value.Kind, failed.Value.Text) : failed.Failure);
                break;
            default:
                return link.Number == 0
                    ? HandleOwner((HostMessageKind)kind, fields)
                    : Misbehaves(link, $"sent a message of kind {(byte)kind}, which it may not send");
        }

        return false;
    }

    private bool HandleOwner(HostMessageKind kind, ReadOnlySpan<byte> fields)
    {
        switch (kind)
        {
            case HostMessageKind.WorkerChallenge when fields.Length >= sizeof(int):
                PassToWorker(MessageKind.Challenge, fields);
                return false;
            case HostMessageKind.WorkerRelease when fields.Length >= sizeof(int):
                PassToWorker(MessageKind.Release, fields);
                return false;
            case HostMessageKind.EndEarly:
                EndEarly();
                return false;
            default:
                return Misbehaves(Owner, $"sent a message of kind {(byte)kind}");
        }
    }

    /// <summary>Passes a frame on to whoever holds the partition that its header names. What the header says is not believed, only followed.</summary>
    private bool Route(Message message, ReadOnlySpan<byte> frame)
    {
        Outcome<FrameHeader> header = FrameHeader.Read(frame);
        if (!header.Succeeded)
        {
            End(HostOutcome.Failed, header.Failure with { Kind = FailureKind.Integrity });
            return false;
        }

        int edge = header.Value.Edge.Value;
        WorkerLink? to = edge >= _layout.Edges.Length && edge < _layout.Edges.Length + _layout.Stages.Length ? Owner
            : edge < _layout.Edges.Length ? _holders.GetValueOrDefault(new Producer(_layout.Edges[edge].To, header.Value.To))
            : null;
        if (to is null)
        {
            End(HostOutcome.Failed, new Failure(FailureKind.Integrity, $"{header.Value} goes to a partition that the plan does not have"));
            return false;
        }

        to.Forward(message);
        return true;
    }

    private void Completed(WorkerLink link, CompletedMessage message)
    {
        ArrayBufferWriter<byte> bytes = new();
        message.Write(bytes);
        lock (_lock)
        {
            if (!_holders.TryGetValue(message.Producer, out WorkerLink? holder) || holder != link)
            {
                Misbehaves(link, $"speaks for {message.Producer}, which it does not hold");
                return;
            }

            _completed[message.Producer] = message.Round;
            HashSet<WorkerLink> told = [link];
            foreach (int stage in _upstream[message.Producer.Stage.Value])
            {
                for (int p = 0; p < _layout.Stages[stage].Partitions; p++)
                {
                    WorkerLink upstream = _holders[new Producer(new StageId(stage), new PartitionId(p))];
                    if (told.Add(upstream))
                    {
                        upstream.Send(bytes.WrittenSpan);
                    }
                }
            }

            if (_layout.Stages[message.Producer.Stage.Value].IsSource)
            {
                GrantMore();
            }

            if (message.Round == Round.End && _completed.Values.All(r => r == Round.End))
            {
                AllFinished();
            }
        }
    }

    private void AllFinished()
    {
        if (_snapshots is null)
        {
            End(HostOutcome.Finished, null);
        }
        else if (!_snapshots.IsUnderWay)
        {
            TakeSnapshot(); // what a resumed run finds is then the end
        }
    }

    /// <summary>Under the lock: lets sources go on, no further than a snapshot's round could be chosen behind.</summary>
    private void GrantMore()
    {
        Round upTo = Round.End;
        if (_snapshots is not null)
        {
            if (_endsEarly)
            {
                return;
            }

            Round slowest = _completed.Where(c => _layout.Stages[c.Key.Stage.Value].IsSource).Select(c => c.Value).Min();
            if (slowest == Round.End)
            {
                return;
            }

            upTo = new Round(slowest.Value + RoundsGrantedAhead);
        }

        Grant(upTo);
    }

    private void Grant(Round upTo)
    {
        if (upTo <= _granted)
        {
            return;
        }

        _granted = upTo;
        Broadcast(new RoundMessage(MessageKind.Grant, upTo));
    }

    private void Broadcast(RoundMessage message)
    {
        ArrayBufferWriter<byte> bytes = new();
        message.Write(bytes);
        foreach (WorkerLink link in _links)
        {
            link.Send(bytes.WrittenSpan);
        }
    }

    private void AssignAll()
    {
        foreach ((Producer producer, WorkerLink link) in _holders.OrderBy(h => h.Key))
        {
            ArrayBufferWriter<byte> bytes = new();
            new AssignMessage(producer, _snapshots?.PointOf(producer)).Write(bytes);
            link.Send(bytes.WrittenSpan);
        }

        _started = true;
        if (_snapshots?.ResumedFrom is { } round)
        {
            _granted = round;
            foreach (Producer producer in _layout.Partitions)
            {
                _completed[producer] = round;
            }
        }

        SendToOwner(HostMessageKind.Started, 0, []);
        GrantMore();
        _snapshots?.Start(this);
    }

    private void Answer(WorkerLink link, ReadMessage read)
    {
        ArrayBufferWriter<byte> head = new();
        (byte[] Rented, int Length)? found = read.Subject switch
        {
            ReadSubject.Blob => _snapshots?.ReadBlob(read.Name),
            ReadSubject.BlobLength => _snapshots?.LengthOf(read.Name),
            _ => _inputs.Read(read),
        };
        ReadMessage.WriteAnswer(head, read.Number, found is not null);
        if (found is { } block)
        {
            link.Send(head.WrittenSpan, block.Rented, block.Length);
        }
        else
        {
            link.Send(head.WrittenSpan);
        }
    }

    private Outcome<T> Check<T>(Outcome<T> read, WorkerLink link)
    {
        if (read.Failure is { } failure)
        {
            Misbehaves(link, failure.Message);
        }

        return read;
    }

    private bool Misbehaves(WorkerLink link, string what)
    {
        End(HostOutcome.Failed, new Failure(FailureKind.Integrity, $"{(link.Number == 0 ? "the owner" : $"worker {link.Number}")} {what}"));
        return false;
    }

    private void LinkEnded(WorkerLink link, Failure? failure) => End(
        link.Number == 0 ? HostOutcome.Stopped : HostOutcome.Failed,
        new Failure(FailureKind.Io, link.Number == 0 ? "the owner is gone" : $"worker {link.Number} is gone{(failure is null ? "" : $": {failure.Message}")}"));

    private void End(HostOutcome outcome, Failure? failure) => _ended.TrySetResult((outcome, failure));

    internal void SendToOwner(HostMessageKind kind, int number, ReadOnlySpan<byte> fields)
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Byte((byte)kind);
        bytes.Int32(number);
        bytes.Write(fields);
        Owner.Send(bytes.WrittenSpan);
    }
}
