namespace Culvert.Stages;

/// <summary>
/// When a run's partitions take their snapshots, as a pure core. A snapshot is of one round for all: it is asked for
/// behind the newest round that any source has started, so each partition reaches it in its own time, takes its part and
/// goes on; when all parts are stored, the snapshot is committed. One is under way at a time. A partition that has
/// finished takes part with what it was at its end.
/// </summary>
public sealed class SnapshotSchedule
{
    private readonly HashSet<Producer> _all;
    private readonly HashSet<Producer> _finished = [];
    private readonly HashSet<Producer> _missing = [];
    private readonly HashSet<Producer> _unstored = [];
    private Round _started;

    /// <summary>A schedule over a run's partitions, of which some may have finished in the snapshot that is resumed.</summary>
    public SnapshotSchedule(IEnumerable<Producer> partitions, Round resumedFrom, IEnumerable<Producer> finished)
    {
        _all = [.. partitions];
        _started = resumedFrom;
        foreach (Producer producer in finished)
        {
            Invariant.Holds(_all.Contains(producer));
            _finished.Add(producer);
        }
    }

    /// <summary>The round of the snapshot that is under way, or null.</summary>
    public Round? Barrier { get; private set; }

    /// <summary>True when every partition has finished.</summary>
    public bool AllFinished => _finished.Count == _all.Count;

    /// <summary>A source's partition starts a round.</summary>
    public void RoundStarts(Round round)
    {
        if (round > _started)
        {
            _started = round;
        }
    }

    /// <summary>
    /// Asks for a snapshot. Gives the partitions that take their part at once, since they have finished; null when a
    /// snapshot is under way already.
    /// </summary>
    public IReadOnlyList<Producer>? Request()
    {
        if (Barrier is not null)
        {
            return null;
        }

        Barrier = _started.Next;
        _missing.UnionWith(_all);
        _missing.ExceptWith(_finished);
        _unstored.UnionWith(_all);
        return [.. _finished.Order()];
    }

    /// <summary>A partition has completed a round; true when it takes its part now.</summary>
    public bool RoundCompleted(Producer producer, Round round)
    {
        if (Barrier is not { } barrier || !_missing.Contains(producer))
        {
            return false;
        }

        Invariant.Holds(round <= barrier);
        return round == barrier && _missing.Remove(producer);
    }

    /// <summary>A partition has finished; true when it takes its part now.</summary>
    public bool Finished(Producer producer)
    {
        _finished.Add(producer);
        return Barrier is not null && _missing.Remove(producer);
    }

    /// <summary>A partition's part is stored; true when it was the last, and the snapshot is to be committed.</summary>
    public bool Stored(Producer producer)
    {
        Invariant.Holds(Barrier is not null && _unstored.Remove(producer));
        return _unstored.Count == 0;
    }

    /// <summary>The snapshot is committed, or was given up.</summary>
    public void Done()
    {
        Barrier = null;
        _missing.Clear();
        _unstored.Clear();
    }
}
