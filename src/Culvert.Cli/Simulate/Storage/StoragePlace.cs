using System.Buffers.Binary;
using Culvert.Sealing;
using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>What all clients of one world share: the clouds, the keys, and what has been written and read.</summary>
internal sealed class StoragePlace
{
    internal static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    // Each thread has its own: what they do is the same, and they do it under locks.
    [ThreadStatic]
    private static StoreKeys? t_keys;

    private readonly StorageFlaw? _flaw;
    private readonly StoreOptions _options;
    private ulong _contents;
    private int _folders;

    internal StoragePlace(World world, StorageFlaw? flaw, IReadOnlyList<SimulatedCloud> clouds, bool isRegular)
    {
        (World, _flaw, Clouds, Dice) = (world, flaw, clouds, world.Dice.Fork());
        History = new StorageHistory(world, isRegular, clouds.All(cloud => cloud.Traits.ConditionalPut));
        LocksWriters = Dice.Chance(0.5);
        UnitProtocol protocol = Dice.Chance(0.8) ? UnitProtocol.Sealed : UnitProtocol.Replicated;
        _options = new StoreOptions
        {
            Protocol = protocol,
            KeyMode = Dice.Chance(0.8) ? UnitKeyMode.Shared : UnitKeyMode.Sealed,
            ChunkBytes = Dice.Pick([32, 64, 256]),
            GoesOnInline = true,
            ClockMargin = Margin,
            LeaseTime = TimeSpan.FromSeconds(20),
            Speculate = Dice.Chance(0.3),
            Order = Dice.Pick<ReadOrder>([ReadOrder.Fastest, ReadOrder.Cheapest, ReadOrder.Mixed]),
            HedgeAfter = TimeSpan.FromMilliseconds(300),
        };
    }

    internal World World { get; }

    internal Dice Dice { get; }

    internal IReadOnlyList<SimulatedCloud> Clouds { get; }

    internal StorageHistory History { get; }

    /// <summary>Writers take the unit's lease before they write.</summary>
    internal bool LocksWriters { get; }

    /// <summary>Only one client writes.</summary>
    internal bool HasOneWriter { get; set; }

    /// <summary>Clients stop.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Makes the store, before anything is faulty.</summary>
    internal async Task CreateAsync(SimulatedNode node)
    {
        Outcome<Store> made = await Store.CreateAsync(
            Setup(node, fresh: false, isMaker: true), [.. Clouds.Select(cloud => new CloudPlace(cloud.Name, ""))], [], [], CancellationToken.None).ConfigureAwait(false);
        if (!made.Succeeded)
        {
            World.Fail($"the store cannot be made: {made.Failure.Message}");
        }

        await made.Value.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>A client on a machine: with the machine's folder, or as a first-time reader. Null when too few clouds answer.</summary>
    internal async Task<Store?> OpenAsync(SimulatedNode node, bool fresh)
    {
        for (int tries = 0; tries < 20; tries++)
        {
            Outcome<Store> opened = await Store.OpenAsync(Setup(node, fresh), CancellationToken.None).ConfigureAwait(false);
            if (opened.Succeeded)
            {
                return opened.Value;
            }

            World.Saw("opening failed");
            await node.Clock.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Reads a unit, and has it judged; false when that failed.</summary>
    internal async Task<bool> ReadAsync(SimulatedNode node, Store store, string unit, bool isPart)
    {
        TimeSpan begun = World.Now;
        if (isPart)
        {
            int offset = Dice.Below(100);
            byte[] part = new byte[Dice.Between(20, 60)];
            Outcome<int> read = await store.ReadAsync(unit, offset, part, null, CancellationToken.None).ConfigureAwait(false);
            return Judge(node, unit, begun, read.Succeeded ? part[..read.Value] : null, read.Failure, offset, part.Length);
        }

        using MemoryStream content = new();
        Outcome<UnitVersion> got = await store.GetAsync(unit, content, null, CancellationToken.None).ConfigureAwait(false);
        return Judge(node, unit, begun, got.Succeeded ? content.ToArray() : null, got.Failure, 0, int.MaxValue);
    }

    /// <summary>Reads some version that is kept, and has it judged.</summary>
    internal async Task ReadOlderAsync(SimulatedNode node, Store store, string unit)
    {
        Outcome<IReadOnlyList<UnitVersion>> history = await store.HistoryAsync(unit, CancellationToken.None).ConfigureAwait(false);
        if (!history.Succeeded)
        {
            return;
        }

        UnitVersion version = Dice.Pick(history.Value);
        using MemoryStream content = new();
        Outcome<UnitVersion> got = await store.GetAsync(unit, content, version.Number, CancellationToken.None).ConfigureAwait(false);
        if (got.Succeeded)
        {
            World.Saw("older version read");
            History.ReadVersion(node.Name, unit, version, content.ToArray());
        }
    }

    /// <summary>Bytes that are like no others: 8 that count, and as many as chance gives.</summary>
    internal byte[] NewContent()
    {
        byte[] content = new byte[8 + Dice.Below(150)];
        Dice.Fill(content);
        BinaryPrimitives.WriteUInt64LittleEndian(content, ++_contents);
        return content;
    }

    private bool Judge(SimulatedNode node, string unit, TimeSpan begun, byte[]? given, Failure? failure, int offset, int length)
    {
        node.Note($"read {unit}: {failure?.Message ?? $"{given!.Length} bytes"}");
        if (failure is not null && failure.Kind != FailureKind.Missing)
        {
            World.Saw($"read failed: {failure.Kind}");
            return false;
        }

        World.Saw(failure is null ? "read" : "read of nothing");
        History.Read(node.Name, unit, begun, given, offset, length);
        return true;
    }

    private StoreSetup Setup(SimulatedNode node, bool fresh, bool isMaker = false) => new()
    {
        Clouds = _flaw is null || isMaker ? ClientClouds(node) : _flaw.Alter(ClientClouds(node), node),
        Keys = t_keys ??= MakeKeys(),
        State = _flaw is null ? Folder(node, fresh) : _flaw.Alter(Folder(node, fresh)),
        Clock = node.Clock,
        Entropy = node.Entropy,
        Options = _options,
    };

    private IReadOnlyList<ICloud> ClientClouds(SimulatedNode node) => [.. Clouds.Select(cloud => cloud.For(node))];

    private IBlobs Folder(SimulatedNode node, bool fresh) => fresh ? node.Mount(World.Disk($"{node.Name}-fresh-{++_folders}")) : node.Disk;

    private static StoreKeys MakeKeys()
    {
        using Secret secret = Secret.CopyOf([.. Enumerable.Range(1, Secret.KeyBytes).Select(i => (byte)i)]);
        return StoreKeys.OfOwner(secret);
    }
}
