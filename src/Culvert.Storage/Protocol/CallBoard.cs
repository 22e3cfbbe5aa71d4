namespace Culvert.Storage;

/// <summary>
/// Where cores pin up what they want done, and what came of it is brought to them. No clock, thread or I/O: a shell takes
/// effects off, and brings replies and run-down timers, one at a time and in any order. What was cancelled is not brought.
/// </summary>
internal sealed class CallBoard
{
    private readonly Queue<CoreEffect> _effects = new();
    private readonly Dictionary<long, Action<CloudReply>> _waiting = [];
    private long _last;

    /// <summary>Calls and timers that are under way.</summary>
    internal int UnderWay => _waiting.Count;

    internal long List(int slot, string prefix, Action<CloudReply> then) => Pin(id => new ListCall(id, slot, prefix), then);

    internal long Get(int slot, string name, int bytesLikely, int bytesMax, Action<CloudReply> then) =>
        Pin(id => new GetCall(id, slot, name, bytesLikely, bytesMax, IsPart: false), then);

    internal long GetPart(int slot, string name, int bytes, Action<CloudReply> then) =>
        Pin(id => new GetCall(id, slot, name, bytes, bytes, IsPart: true), then);

    internal long Put(int slot, string name, ReadOnlyMemory<byte> content, PutCondition condition, Action<CloudReply> then) =>
        Pin(id => new PutCall(id, slot, name, content, condition), then);

    internal long Remove(int slot, string name, Action<CloudReply> then) => Pin(id => new RemoveCall(id, slot, name), then);

    internal long After(TimeSpan delay, Action then) => Pin(id => new Timer(id, delay), _ => then());

    /// <summary>Forgets a call or timer; nothing happens when it has ended.</summary>
    internal void Cancel(long id)
    {
        if (_waiting.Remove(id))
        {
            _effects.Enqueue(new Cancellation(id));
        }
    }

    /// <summary>Forgets all calls and timers.</summary>
    internal void CancelAll()
    {
        foreach (long id in _waiting.Keys.Order().ToArray())
        {
            Cancel(id);
        }
    }

    /// <summary>The next thing to do; null when there is none for now.</summary>
    internal CoreEffect? Take() => _effects.TryDequeue(out CoreEffect? effect) ? effect : null;

    /// <summary>Brings what came of a call or timer. What nobody waits for any more is dropped.</summary>
    internal void Bring(long id, CloudReply reply)
    {
        if (_waiting.Remove(id, out Action<CloudReply>? then))
        {
            then(reply);
        }
    }

    private long Pin(Func<long, CoreEffect> effect, Action<CloudReply> then)
    {
        long id = ++_last;
        _waiting.Add(id, then);
        _effects.Enqueue(effect(id));
        return id;
    }
}
