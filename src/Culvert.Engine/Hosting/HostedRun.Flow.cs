using System.Buffers;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <content>How far sources may go, when a snapshot is taken, and when the run has ended.</content>
internal sealed partial class HostedRun
{
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

    /// <summary>Under the lock: a snapshot behind the newest round that a source may have begun; that round is granted with it.</summary>
    private void TakeSnapshot()
    {
        if (!_started || _snapshots is null || _snapshots.IsUnderWay)
        {
            return;
        }

        Round barrier = _granted.Next;
        _snapshots.Begin(barrier);
        Broadcast(new RoundMessage(MessageKind.Barrier, barrier));
        Grant(barrier);
    }

    private void PartStored(PartMessage part)
    {
        _output?.MakeDurable();
        lock (_lock)
        {
            if (_snapshots!.Add(part, _completed.Count) is not { } allFinished)
            {
                return;
            }

            if (allFinished)
            {
                End(HostOutcome.Finished, null);
            }
            else if (_endsEarly)
            {
                End(HostOutcome.Stopped, null);
            }
            else if (_completed.Values.All(r => r == Round.End))
            {
                TakeSnapshot();
            }
        }
    }

    /// <summary>Asks for the snapshot whose time has come.</summary>
    internal void SnapshotIsDue()
    {
        lock (_lock)
        {
            TakeSnapshot();
        }
    }

    private void EndEarly()
    {
        lock (_lock)
        {
            if (_snapshots is null || !_started)
            {
                End(HostOutcome.Stopped, null);
                return;
            }

            _endsEarly = true;
            TakeSnapshot();
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
                ArrayBufferWriter<byte> bytes = new();
                new CompletedMessage(producer, round).Write(bytes);
                foreach (WorkerLink link in _links)
                {
                    link.Send(bytes.WrittenSpan); // nobody knows of the others what it knew before
                }
            }
        }

        SendToOwner(HostMessageKind.Started, 0, []);
        GrantMore();
        _snapshots?.Start(this);
    }
}
