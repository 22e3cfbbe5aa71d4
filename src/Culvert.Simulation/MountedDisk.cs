namespace Culvert.Simulation;

/// <summary>A disk as one process sees it, from its start to its crash.</summary>
internal sealed class MountedDisk(SimulatedDisk disk, SimulatedNode node, long incarnation) : IBlobs
{
    private readonly List<Action> _underWay = []; // changes that were asked for and are not complete

    internal SimulatedDisk Disk => disk;

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        byte[] copy = content.ToArray();
        return new ValueTask(ChangeAsync(() => disk.Put(name, copy), $"put {name}", cancellationToken));
    }

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        new(ReadAsync<long?>(() => disk.Find(name)?.Length, cancellationToken));

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(ReadAsync(
            () =>
            {
                byte[] blob = disk.Find(name) ?? [];
                int start = (int)Math.Min(offset, blob.Length);
                int count = Math.Min(destination.Length, blob.Length - start);
                blob.AsSpan(start, count).CopyTo(destination.Span);
                return count;
            },
            cancellationToken));

    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        new(ReadAsync(() => disk.List(prefix), cancellationToken));

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        new(ChangeAsync(() => disk.Delete(name), $"delete {name}", cancellationToken));

    /// <summary>The process is gone: each change under way comes to be, or not.</summary>
    internal void Crash(Dice chance)
    {
        foreach (Action change in _underWay)
        {
            if (chance.Chance(0.5))
            {
                try
                {
                    change();
                }
                catch (IOException)
                {
                    // The disk was full, and nobody is left to be told.
                }
            }
        }

        _underWay.Clear();
    }

    private Task ChangeAsync(Action change, string what, CancellationToken cancellationToken)
    {
        _underWay.Add(change);
        return ReadAsync(
            () =>
            {
                _underWay.Remove(change);
                change();
                disk.World.Note(disk.Name, $"{what} for {node.Name}");
                return true;
            },
            cancellationToken,
            () => _underWay.Remove(change));
    }

    private Task<T> ReadAsync<T>(Func<T> operation, CancellationToken cancellationToken, Action? giveUp = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            giveUp?.Invoke();
            return Task.FromCanceled<T>(cancellationToken);
        }

        TaskCompletionSource<T> done = new();
        disk.World.Schedule(disk.Chance.Between(TimeSpan.Zero, disk.LatencyMax), node, incarnation, () =>
        {
            T result;
            try
            {
                if (disk.FailureChance > 0 && disk.Chance.Chance(disk.FailureChance))
                {
                    giveUp?.Invoke();
                    throw new IOException($"the disk {disk.Name} failed");
                }

                result = operation();
            }
            catch (IOException failure)
            {
                done.SetException(failure);
                return;
            }

            done.SetResult(result);
        });
        return done.Task;
    }
}
