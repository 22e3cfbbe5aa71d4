using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>
/// The owner at work: replaces a cloud, and begins again when that was cut short, until it is done. Writers are asked to rest
/// meanwhile, in most worlds.
/// </summary>
internal sealed class StorageKeeper(SimulatedNode node, StoragePlace place) : Process
{
    public override void OnStart() => node.Spawn(RunAsync);

    private World World => node.World;

    private async Task RunAsync()
    {
        await node.Clock.Delay(place.Dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), CancellationToken.None).ConfigureAwait(false);
        while (place.Replacements.Next is { } next)
        {
            if (next.HasBegun)
            {
                World.Saw("replacement begun again");
            }

            next.HasBegun = true;
            await RestAsync().ConfigureAwait(false);
            bool done = await place.OpenAsync(node, fresh: false).ConfigureAwait(false) is { } store
                && await place.ReplaceAsync(node, store, next).ConfigureAwait(false);
            World.Saw(done ? "cloud replaced" : "replacement failed");
            await node.Clock.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until no writer writes, and what dead ones sent has arrived.</summary>
    private async Task RestAsync()
    {
        while (place.Replacements.WritersRest && place.IsWritten)
        {
            await node.Clock.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
        }

        await node.Clock.Delay(TimeSpan.FromMilliseconds(400), CancellationToken.None).ConfigureAwait(false);
    }
}

/// <summary>A cloud that is to be replaced by another.</summary>
internal sealed class StorageReplacement(SimulatedCloud old, SimulatedCloud spare)
{
    internal SimulatedCloud Old => old;

    internal SimulatedCloud Spare => spare;

    /// <summary>Somebody has begun with it.</summary>
    internal bool HasBegun { get; set; }

    /// <summary>It is complete.</summary>
    internal bool IsDone { get; set; }
}

/// <summary>What is replaced in one world, one after the other.</summary>
internal sealed class StorageReplacements(IReadOnlyList<StorageReplacement> all, bool writersRest)
{
    /// <summary>Writers rest while a cloud is replaced.</summary>
    internal bool WritersRest => writersRest;

    /// <summary>The one that is not done; null when all are.</summary>
    internal StorageReplacement? Next => all.FirstOrDefault(replacement => !replacement.IsDone);

    /// <summary>One has begun and is not done.</summary>
    internal bool IsUnderWay => Next is { HasBegun: true };

    /// <summary>Clouds that were left.</summary>
    internal IEnumerable<SimulatedCloud> Left => all.Where(replacement => replacement.IsDone).Select(replacement => replacement.Old);

    /// <summary>As many clouds are replaced as there are spare ones.</summary>
    /// <param name="world">Where.</param>
    /// <param name="clouds">In use.</param>
    /// <param name="spares">Not in use.</param>
    /// <param name="mayWrite">Writers may go on: whoever replaces a cloud is a writer too, and two need a lock, or clouds that decide.</param>
    internal static StorageReplacements Draw(World world, IReadOnlyList<SimulatedCloud> clouds, IReadOnlyList<SimulatedCloud> spares, bool mayWrite)
    {
        SimulatedCloud[] leaving = [.. clouds];
        world.Dice.Shuffle(leaving);
        return new StorageReplacements(
            [.. spares.Select((spare, i) => new StorageReplacement(leaving[i], spare))], !mayWrite || world.Dice.Chance(0.5));
    }
}
