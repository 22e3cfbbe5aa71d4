namespace Culvert.Storage;

/// <summary>What putting at a quorum gave. <paramref name="Collisions"/>: another writer's objects in one's place.</summary>
internal sealed record PutResult(bool Succeeded, IReadOnlyList<ReadOnlyMemory<byte>> Collisions);

/// <summary>An object to put; its content is not changed before all is finished.</summary>
internal readonly record struct CloudObject(string Name, ReadOnlyMemory<byte> Content);

/// <summary>
/// Puts objects, for each cloud its own, until n - f clouds have all of theirs. It never cancels: the rest goes on, and what fails
/// is in the reports. Clouds may be held back, at most f: they are asked only when another fails, and else lack the objects.
/// </summary>
/// <param name="quorum">How many clouds it takes.</param>
/// <param name="objectsOf">Each slot's objects.</param>
internal class QuorumPut(Quorum quorum, Func<int, IReadOnlyList<CloudObject>> objectsOf) : ProtocolCore<PutResult>(quorum)
{
    private readonly SortedSet<int> _heldBack = [];
    private int _done;
    private int _failed;

    /// <summary>Told of each slot that a put begins.</summary>
    internal Action<int>? SlotBegun { get; init; }

    /// <summary>Told of each slot once, behind its beginning: whether it has all of its objects.</summary>
    internal Action<int, bool>? SlotEnded { get; init; }

    /// <summary>Slots that are held back, at most f.</summary>
    internal IEnumerable<int> HeldBack
    {
        init => _heldBack = [.. value.Take(Quorum.Faults)];
    }

    protected List<ReadOnlyMemory<byte>> Collisions { get; } = [];

    internal override void Start()
    {
        for (int slot = 0; slot < Quorum.Clouds; slot++)
        {
            if (!_heldBack.Contains(slot))
            {
                Begin(slot);
            }
        }
    }

    private void Begin(int slot)
    {
        SlotBegun?.Invoke(slot);
        IReadOnlyList<CloudObject> objects = objectsOf(slot);
        int left = objects.Count;
        bool failed = false;
        foreach (CloudObject item in objects)
        {
            PutOne(slot, item, failure =>
            {
                left--;
                if (failure is not null && !failed)
                {
                    failed = true;
                    Failed(slot, failure);
                }
                else if (left == 0 && !failed)
                {
                    Succeeded(slot);
                }
            });
        }
    }

    /// <summary>Puts one object, and tells why it could not, or null.</summary>
    protected virtual void PutOne(int slot, CloudObject item, Action<string?> then) =>
        Board.Put(slot, item.Name, item.Content, PutCondition.Always, reply => then(reply.Failure?.Message));

    /// <summary>A cloud has all of its objects.</summary>
    protected virtual void OnStored(int slot)
    {
    }

    private void Succeeded(int slot)
    {
        OnStored(slot);
        SlotEnded?.Invoke(slot, true);
        if (++_done == Quorum.Enough)
        {
            LeaveOut();
            Finish(new PutResult(true, Collisions));
        }
    }

    private void Failed(int slot, string why)
    {
        Reports.Fail(slot, why);
        SlotEnded?.Invoke(slot, false);
        _failed++;
        if (Result is null)
        {
            BeginHeldBack();
        }

        if (_failed > Quorum.Clouds - Quorum.Enough)
        {
            Finish(new PutResult(false, Collisions));
        }
    }

    private void BeginHeldBack()
    {
        int[] needed = [.. _heldBack];
        _heldBack.Clear();
        foreach (int slot in needed)
        {
            Begin(slot);
        }
    }

    private void LeaveOut()
    {
        foreach (int slot in _heldBack)
        {
            Reports.Fail(slot, "it is too far behind");
            SlotBegun?.Invoke(slot);
            SlotEnded?.Invoke(slot, false);
        }

        _heldBack.Clear();
    }
}
