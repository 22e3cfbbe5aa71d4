namespace Culvert.Sealing;

/// <summary>
/// The edge keys that a worker was given: for each edge, from which round on each key epoch's key is in force, and the
/// dispatch key. Owns the secrets. Used by one thread at a time; several sealers and openers of that thread share it.
/// </summary>
public sealed class EdgeKeys : IDisposable
{
    /// <summary>Epochs of an edge that are kept at once: the one in force, the next, and those that a restart may still replay.</summary>
    public const int EpochsPerEdgeMax = 16;

    private readonly Dictionary<EdgeId, List<EpochKey>> _epochs = [];
    private readonly Dictionary<EdgeId, Secret> _dispatch = [];

    /// <summary>The keys of some edges from the first round on, from the run's key, which stays the caller's.</summary>
    public static EdgeKeys Derive(Secret run, params IEnumerable<EdgeId> edges)
    {
        EdgeKeys keys = new();
        foreach (EdgeId edge in edges)
        {
            keys.Add(edge, new KeyEpoch(0), new Round(0), KeySchedule.EdgeKey(run, edge, new KeyEpoch(0)));
            keys.AddDispatch(edge, KeySchedule.DispatchKey(run, edge));
        }

        return keys;
    }

    /// <summary>Adds an edge's key of an epoch, and takes it over; epochs and their first rounds ascend, beginning at round 0.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="from">The first round whose frames are sealed with it.</param>
    /// <param name="key">The key, of <see cref="Secret.KeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">It does not follow the epochs that are there.</exception>
    public void Add(EdgeId edge, KeyEpoch epoch, Round from, Secret key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Secret.KeyBytes);
        if (!_epochs.TryGetValue(edge, out List<EpochKey>? epochs))
        {
            _epochs[edge] = epochs = [];
        }

        if (epochs.Count == EpochsPerEdgeMax || from < new Round(0) || epoch.Value < 0
            || (epochs.Count > 0 && (epochs[^1].Epoch.CompareTo(epoch) >= 0 || epochs[^1].From >= from)))
        {
            throw new ArgumentException($"the key of {edge}, epoch {epoch}, from {from} on does not follow those that are there", nameof(epoch));
        }

        epochs.Add(new EpochKey(epoch, from, key));
    }

    /// <summary>Adds the key by which an edge's rows are given to partitions, and takes it over. Only producers need it.</summary>
    public void AddDispatch(EdgeId edge, Secret key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, KeyedHash.KeyBytes);
        _dispatch.Add(edge, key);
    }

    /// <summary>Forgets the keys of all epochs that ended before a round: nothing before it is sent or taken any more.</summary>
    public void Retire(Round before)
    {
        foreach (List<EpochKey> epochs in _epochs.Values)
        {
            while (epochs.Count > 1 && epochs[1].From <= before)
            {
                epochs[0].Key.Dispose();
                epochs.RemoveAt(0);
            }
        }
    }

    /// <summary>Whether there is a key for an edge.</summary>
    public bool Has(EdgeId edge) => _epochs.ContainsKey(edge);

    /// <summary>The dispatch key of an edge, or null; it stays owned here.</summary>
    public Secret? Dispatch(EdgeId edge) => _dispatch.GetValueOrDefault(edge);

    /// <summary>The key in force for a round of an edge; false when there is none.</summary>
    public bool TryFind(EdgeId edge, Round round, out EpochKey key)
    {
        if (_epochs.TryGetValue(edge, out List<EpochKey>? epochs))
        {
            for (int i = epochs.Count - 1; i >= 0; i--)
            {
                if (epochs[i].From <= round)
                {
                    key = epochs[i];
                    return true;
                }
            }
        }

        key = default;
        return false;
    }

    /// <summary>Erases all keys.</summary>
    public void Dispose()
    {
        foreach (EpochKey epoch in _epochs.Values.SelectMany(epochs => epochs))
        {
            epoch.Key.Dispose();
        }

        foreach (Secret key in _dispatch.Values)
        {
            key.Dispose();
        }

        _epochs.Clear();
        _dispatch.Clear();
    }
}
