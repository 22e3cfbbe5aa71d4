namespace Culvert.Storage;

/// <summary>How far each cloud is with the puts of one operation. Thread safe.</summary>
internal sealed class SlotProgress(int clouds)
{
    private readonly Lock _lock = new();
    private readonly int[] _underWay = new int[clouds];
    private readonly bool[] _failed = new bool[clouds];
    private Completion? _nextEnd;

    internal void Begun(int slot)
    {
        lock (_lock)
        {
            _underWay[slot]++;
        }
    }

    internal void Ended(int slot, bool stored)
    {
        Completion? ended;
        lock (_lock)
        {
            _underWay[slot]--;
            _failed[slot] |= !stored;
            (ended, _nextEnd) = (_nextEnd, null);
        }

        ended?.Complete();
    }

    /// <summary>Will have happened when the next put ends; whoever waits may complete it before.</summary>
    internal Completion NextEnd(TaskCreationOptions continuations)
    {
        lock (_lock)
        {
            return _nextEnd is { IsComplete: false } ? _nextEnd : _nextEnd = new Completion(continuations);
        }
    }

    /// <summary>Slots with so many puts under way, or more.</summary>
    internal IReadOnlyList<int> Lagging(int underWay)
    {
        lock (_lock)
        {
            return [.. Enumerable.Range(0, clouds).Where(slot => _underWay[slot] >= underWay)];
        }
    }

    /// <summary>Slots that lack something, or may: a put failed, or is under way.</summary>
    internal IReadOnlyList<int> Behind()
    {
        lock (_lock)
        {
            return [.. Enumerable.Range(0, clouds).Where(slot => _failed[slot] || _underWay[slot] > 0)];
        }
    }
}
