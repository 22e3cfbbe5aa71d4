using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>
/// A store over clouds of which f lie in every way there is, with writers that die between any two calls, clocks that differ, readers
/// with and without a memory, members and strangers, garbage collection, and clouds that are replaced by an owner who dies too. Every history is regular, no read gives a wrong byte, nobody goes back, and
/// two never hold a unit's lease. In one world of seven more than f lie, up to all: then
/// the bytes are right, and no client goes back.
/// </summary>
/// <param name="flaw">A bug that is planted; or null.</param>
/// <param name="flawName">What <see cref="StorageFlaw.All"/> calls it.</param>
internal sealed class StorageScenario(StorageFlaw? flaw = null, string? flawName = null) : Scenario
{
    // Ten times what it takes.
    private const long SettleStepsMax = 50_000;

    private static readonly string[] s_units = ["a", "reports/2026"];

    public override string Name => "storage";

    public override string Arguments => flawName is null ? "" : $" --flaw \"{flawName}\"";

    public override void Run(World world)
    {
        int faults = world.Dice.Chance(0.85) ? 1 : 2;
        bool isOverrun = flaw?.ExtraFaults is null or 0 && world.Dice.Chance(flaw?.OverrunShare ?? (1.0 / 7));
        bool decidePuts = world.Dice.Chance(0.5);
        List<SimulatedCloud> clouds = [.. Enumerable.Range(0, (3 * faults) + 1).Select(i => new SimulatedCloud(world, $"{(char)('a' + i)}", decidePuts))];
        int spares = !isOverrun && (flaw?.Replaces == true || world.Dice.Chance(1.0 / 3)) ? world.Dice.Between(1, 2) : 0;
        SimulatedCloud[] spare = [.. Enumerable.Range(0, spares).Select(i => new SimulatedCloud(world, $"spare{i}", decidePuts))];
        StoragePlace place = new(world, flaw, clouds, spare, isRegular: !isOverrun);
        Create(world, place);
        SimulatedCloud[] liars = MakeLiars(world, clouds, isOverrun ? world.Dice.Between(faults + 1, clouds.Count) : faults + (flaw?.ExtraFaults ?? 0), isOverrun && world.Dice.Chance(0.5));
        world.Saw(isOverrun ? "world of more than f liars" : "world of f liars");
        List<SimulatedNode> nodes = AddClients(world, place, leasesHold: !isOverrun);
        RunWithCrashes(world, nodes);
        place.IsOver = true;
        RunOut(world, TimeSpan.FromMinutes(3));
        if (!isOverrun)
        {
            Settle(world, place, liars);
        }
    }

    private static void Create(World world, StoragePlace place)
    {
        bool done = false;
        world.AddNode("maker", node => new Errand(node, async () =>
        {
            await place.CreateAsync(node).ConfigureAwait(false);
            done = true;
        }));
        world.Run(() => done);
    }

    /// <summary>Some clouds begin to lie; each in its own ways, or all go back to one time.</summary>
    private static SimulatedCloud[] MakeLiars(World world, List<SimulatedCloud> clouds, int count, bool together)
    {
        (TimeSpan From, TimeSpan To) rollback = CloudLies.DrawRollback(world, world.Dice);
        SimulatedCloud[] shuffled = [.. clouds];
        world.Dice.Shuffle(shuffled);
        foreach (SimulatedCloud liar in shuffled.Take(count))
        {
            liar.Lies = together ? CloudLies.RollingBack(liar, rollback) : CloudLies.Draw(liar);
        }

        return shuffled[..count];
    }

    private List<SimulatedNode> AddClients(World world, StoragePlace place, bool leasesHold)
    {
        List<SimulatedNode> nodes = [];
        List<StorageClient?> writers = [];
        int writerCount = world.Dice.Between(1, 2);
        place.HasOneWriter = writerCount == 1;
        for (int i = 0; i < writerCount; i++)
        {
            int at = i;
            writers.Add(null);
            nodes.Add(world.AddNode($"writer{i}", node => writers[at] = new StorageClient(node, place, writes: true)));
        }

        for (int i = 0; i < 2; i++)
        {
            nodes.Add(world.AddNode($"reader{i}", node => new StorageClient(node, place, writes: false)));
        }

        TimeSpan skew = StoragePlace.Margin / 2 * (flaw?.ClockFactor ?? 1);
        foreach (SimulatedNode node in nodes)
        {
            node.ClockSkew = world.Dice.Between(-skew, skew);
        }

        if (leasesHold)
        {
            world.Always("one lease", () => TwoHolders(nodes, writers));
        }

        if (place.Replacements.Next is not null)
        {
            nodes.Add(world.AddNode("keeper", node => new StorageKeeper(node, place)));
        }

        return nodes;
    }

    /// <summary>Who holds a unit's lease at once, in words; null: nobody does.</summary>
    private static string? TwoHolders(List<SimulatedNode> nodes, List<StorageClient?> writers)
    {
        foreach (string unit in s_units)
        {
            string? holder = null;
            for (int i = 0; i < writers.Count; i++)
            {
                if (nodes[i].IsUp && writers[i]?.Holds == unit)
                {
                    if (holder is not null)
                    {
                        return $"{holder} and {nodes[i].Name} hold that of {unit}";
                    }

                    holder = nodes[i].Name;
                }
            }
        }

        return null;
    }

    private static void RunWithCrashes(World world, List<SimulatedNode> nodes)
    {
        TimeSpan end = world.Now + world.Dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(7));
        for (int crashes = world.Dice.Below(6); crashes > 0; crashes--)
        {
            SimulatedNode node = world.Dice.Pick(nodes);
            world.After(world.Dice.Between(TimeSpan.Zero, end - world.Now), () =>
            {
                if (node.IsUp)
                {
                    world.Saw("crash");
                    node.Crash();
                    node.Restart(world.Dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(5)));
                }
            });
        }

        RunOut(world, end - world.Now);
    }

    private static void RunOut(World world, TimeSpan time)
    {
        bool over = false;
        world.After(time, () => over = true);
        world.Run(() => over);
    }

    /// <summary>
    /// Nobody crashes any more, and the liars go on: now everything has to work. Then they lose all, are repaired, and others of the
    /// same number lie.
    /// </summary>
    private static void Settle(World world, StoragePlace place, SimulatedCloud[] liars)
    {
        world.Calm();
        if (world.Run(() => place.Replacements.Next is null, SettleStepsMax) != RunEnd.Reached)
        {
            world.Fail("a cloud cannot be replaced");
        }

        bool done = false;
        world.AddNode("settler", node => new Errand(node, async () =>
        {
            Store store = await place.OpenAsync(node, fresh: true).ConfigureAwait(false) ?? throw new SimulationFailedException("the store cannot be opened");
            await MustReadAsync(place, node, store).ConfigureAwait(false);
            foreach (string unit in s_units)
            {
                await MustPutAsync(place, node, store, unit).ConfigureAwait(false);
            }

            await MustReadAsync(place, node, store).ConfigureAwait(false);
            foreach (SimulatedCloud liar in liars.Where(place.Current.Contains))
            {
                liar.Lies = null;
                liar.Wipe();
            }

            await MustRepairAsync(store, (place.LocksWriters || place.HasOneWriter) && place.Replacements.WritersRest).ConfigureAwait(false);
            SimulatedCloud[] others = [.. place.Current.Except(liars).Take(place.Faults)];
            foreach (SimulatedCloud other in others)
            {
                other.Lies = CloudLies.Draw(other);
            }

            Store again = await place.OpenAsync(node, fresh: false).ConfigureAwait(false) ?? throw new SimulationFailedException("the store cannot be opened after a repair");
            await MustReadAsync(place, node, again).ConfigureAwait(false);
            if (place.Replacements.WritersRest)
            {
                await MustBeNewAsync(place, again).ConfigureAwait(false);
            }

            world.Saw("repaired");
            done = true;
        }));
        RunEnd end = world.Run(() => done, SettleStepsMax);
        if (end != RunEnd.Reached)
        {
            world.Fail($"the store does not settle ({end})");
        }
    }

    /// <summary>
    /// No cloud that was left ever had anything of a version that is kept. But for puts whose writers died: a first record that is at
    /// too few clouds for the unit to be in lists cannot be found, and moved.
    /// </summary>
    private static async Task MustBeNewAsync(StoragePlace place, Store store)
    {
        foreach (string unit in s_units)
        {
            Outcome<UnitMetadata> record = await store.RecordAsync(unit, CancellationToken.None).ConfigureAwait(false);
            foreach (KeptVersion version in record.Succeeded ? record.Value.Versions.Where(kept => place.History.WasConfirmed(unit, kept.Number)) : [])
            {
                if (place.Replacements.Left.FirstOrDefault(cloud => cloud.Names.Any(name => name.Contains($"/b/{version.Value}/", StringComparison.Ordinal))) is { } left)
                {
                    place.World.Fail($"{left.Name} was left, and has had a block of version {version.Number} of {unit}, which is kept");
                }
            }
        }
    }

    private static async Task MustReadAsync(StoragePlace place, SimulatedNode node, Store store)
    {
        foreach (string unit in s_units)
        {
            if (!await place.ReadAsync(node, store, unit, isPart: false).ConfigureAwait(false))
            {
                place.World.Fail($"{unit} cannot be read, although no more than f clouds lie");
            }
        }
    }

    private static async Task MustPutAsync(StoragePlace place, SimulatedNode node, Store store, string unit)
    {
        byte[] content = place.NewContent();
        StorageWrite write = place.History.Begin(unit, content, node.Name);
        using MemoryStream stream = new(content);
        Outcome<PutReceipt> put = await store.PutAsync(unit, stream, null, CancellationToken.None).ConfigureAwait(false);
        if (!put.Succeeded)
        {
            place.World.Fail($"{unit} cannot be put, although no more than f clouds lie: {put.Failure.Message}");
        }

        write.Ended = place.World.Now;
    }

    private static async Task MustRepairAsync(Store store, bool mustBeWhole)
    {
        UnitReport configuration = await store.VerifyConfigurationAsync(repair: true, CancellationToken.None).ConfigureAwait(false);
        if (!configuration.IsWhole)
        {
            throw new SimulationFailedException("the configuration is not whole after a repair");
        }

        foreach (string unit in s_units)
        {
            Outcome<UnitReport> report = await store.VerifyAsync(unit, repair: true, CancellationToken.None).ConfigureAwait(false);
            // Two writers without a lock can lose each other's older versions where clouds have no conditional puts.
            if (!report.Succeeded || (mustBeWhole && !report.Value.IsWhole))
            {
                throw new SimulationFailedException(
                    $"{unit} is not whole after a repair: {report.Failure?.Message ?? string.Join("; ", report.Value.Lost.Concat(report.Value.Findings.Where(f => !f.IsMended).Select(f => $"{f.Cloud} {f.ObjectName}: {f.Message}")))}");
            }
        }
    }

    /// <summary>A process that does one thing.</summary>
    private sealed class Errand(SimulatedNode node, Func<Task> work) : Process
    {
        public override void OnStart() => node.Spawn(work);
    }
}
