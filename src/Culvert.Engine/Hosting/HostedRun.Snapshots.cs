using Culvert.Enclaves;

namespace Culvert.Engine;

/// <content>When a snapshot is taken, and what comes of it.</content>
internal sealed partial class HostedRun
{
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
}
