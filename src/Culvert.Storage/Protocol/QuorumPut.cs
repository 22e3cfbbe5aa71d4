namespace Culvert.Storage;

/// <summary>What putting at a quorum gave. <paramref name="Collisions"/>: another writer's objects in one's place.</summary>
internal sealed record PutResult(bool Succeeded, IReadOnlyList<ReadOnlyMemory<byte>> Collisions);

/// <summary>An object to put; its content is not changed before all is finished.</summary>
internal readonly record struct CloudObject(string Name, ReadOnlyMemory<byte> Content);

/// <summary>
/// Puts objects, for each cloud its own, until n - f clouds have all of theirs. It never cancels: the rest goes on, and what fails
/// is in the reports.
/// </summary>
/// <param name="quorum">How many clouds it takes.</param>
/// <param name="objectsOf">Each slot's objects; null: it is left out, and counts as failed.</param>
internal class QuorumPut(Quorum quorum, Func<int, IReadOnlyList<CloudObject>?> objectsOf) : ProtocolCore<PutResult>(quorum)
{
    private int _done;
    private int _failed;

    /// <summary>Told of each slot once: whether it has all of its objects.</summary>
    internal Action<int, bool>? SlotEnded { get; init; }

    protected List<ReadOnlyMemory<byte>> Collisions { get; } = [];

    internal override void Start()
    {
        for (int slot = 0; slot < Quorum.Clouds; slot++)
        {
            if (objectsOf(slot) is not { } objects)
            {
                Failed(slot, "it is too far behind");
                continue;
            }

            int s = slot;
            int left = objects.Count;
            bool failed = false;
            foreach (CloudObject item in objects)
            {
                PutOne(s, item, failure =>
                {
                    left--;
                    if (failure is not null && !failed)
                    {
                        failed = true;
                        Failed(s, failure);
                    }
                    else if (left == 0 && !failed)
                    {
                        Succeeded(s);
                    }
                });
            }
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
            Finish(new PutResult(true, Collisions));
        }
    }

    private void Failed(int slot, string why)
    {
        Reports.Fail(slot, why);
        SlotEnded?.Invoke(slot, false);
        if (++_failed > Quorum.Clouds - Quorum.Enough)
        {
            Finish(new PutResult(false, Collisions));
        }
    }
}
