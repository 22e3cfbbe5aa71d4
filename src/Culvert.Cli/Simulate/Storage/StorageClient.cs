using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>A client of the store on a machine of the world: it writes or reads, again and again, until the scenario ends it.</summary>
internal sealed class StorageClient(SimulatedNode node, StoragePlace place, bool writes) : Process
{
    private static readonly string[] s_units = ["a", "reports/2026"];

    private UnitLease? _lease;

    /// <summary>The unit of which this client believes to be the only writer now; null when there is none.</summary>
    internal string? Holds => _lease is { } lease && lease.Refuse() is null ? lease.Unit : null;

    public override void OnStart() => node.Spawn(RunAsync);

    private Dice Dice => place.Dice;

    private World World => node.World;

    private async Task RunAsync()
    {
        if (await place.OpenAsync(node, fresh: false).ConfigureAwait(false) is not { } store)
        {
            return;
        }

        while (!place.IsOver)
        {
            if (Dice.Chance(0.15))
            {
                // Each command of the program is a client of its own, with the same folder.
                if (await place.OpenAsync(node, fresh: false).ConfigureAwait(false) is not { } again)
                {
                    return;
                }

                store = again;
            }

            string unit = Dice.Pick(s_units);
            if (!writes)
            {
                await ReadAsync(store, unit).ConfigureAwait(false);
            }
            else if (await place.FollowsAsync(store).ConfigureAwait(false) && place.TryBeginWriting(node))
            {
                await WriteAsync(store, unit).ConfigureAwait(false);
                place.EndWriting(node);
            }

            await node.Clock.Delay(Dice.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(400)), CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(Store store, string unit)
    {
        if (!place.LocksWriters)
        {
            await ChangeAsync(store, unit, null).ConfigureAwait(false);
            return;
        }

        Outcome<UnitLease> lease = await store.LockAsync(unit, TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(false);
        if (!lease.Succeeded)
        {
            World.Saw("lease refused");
            return;
        }

        _lease = lease.Value;
        World.Saw("lease held");
        for (int changes = Dice.Between(1, 3); changes > 0; changes--)
        {
            await ChangeAsync(store, unit, _lease).ConfigureAwait(false);
        }

        await _lease.DisposeAsync().ConfigureAwait(false);
        _lease = null;
    }

    private async Task ChangeAsync(Store store, string unit, UnitLease? lease)
    {
        // Two writers without a lock may each drop what the other still names, where clouds have no conditional puts.
        bool mayDrop = lease is not null || place.HasOneWriter;
        int what = Dice.Below(10);
        if (what == 0 && mayDrop)
        {
            StorageWrite removal = place.History.Begin(unit, null, node.Name);
            Outcome<bool> removed = await store.RemoveAsync(unit, purge: false, lease, CancellationToken.None).ConfigureAwait(false);
            End(removal, removed.Succeeded && removed.Value, removed.Failure);
        }
        else if (what == 1 && mayDrop)
        {
            Outcome<int> collected = await store.CollectAsync(unit, Dice.Between(1, 2), lease, CancellationToken.None).ConfigureAwait(false);
            World.Saw(collected.Succeeded ? "garbage collected" : "garbage collection failed");
        }
        else
        {
            byte[] content = place.NewContent();
            StorageWrite write = place.History.Begin(unit, content, node.Name);
            PutOptions options = new() { Lease = lease, Keep = mayDrop && Dice.Chance(0.5) ? 1 : 100 };
            using MemoryStream stream = new(content);
            Outcome<PutReceipt> put = await store.PutAsync(unit, stream, options, CancellationToken.None).ConfigureAwait(false);
            End(write, put.Succeeded, put.Failure);
            if (put.Succeeded)
            {
                place.History.Saw(node.Name, unit, put.Value.Record);
                place.History.Confirmed(write, put.Value);
            }
        }
    }

    private void End(StorageWrite write, bool succeeded, Failure? failure)
    {
        if (succeeded)
        {
            write.Ended = World.Now;
        }

        World.Saw(succeeded ? "write confirmed" : "write failed");
        node.Note($"{write}: {failure?.Message ?? "confirmed"}");
    }

    private async Task ReadAsync(Store store, string unit)
    {
        if (Dice.Chance(0.3))
        {
            if (await place.OpenAsync(node, fresh: true).ConfigureAwait(false) is not { } first)
            {
                return;
            }

            store = first;
        }
        else
        {
            Outcome<UnitMetadata> record = await store.RecordAsync(unit, CancellationToken.None).ConfigureAwait(false);
            if (record.Succeeded)
            {
                place.History.Saw(node.Name, unit, record.Value.Version);
            }
        }

        if (Dice.Chance(0.1))
        {
            await place.ReadOlderAsync(node, store, unit).ConfigureAwait(false);
            return;
        }

        bool isPart = Dice.Chance(0.25);
        await place.ReadAsync(node, store, unit, isPart).ConfigureAwait(false);
    }
}
