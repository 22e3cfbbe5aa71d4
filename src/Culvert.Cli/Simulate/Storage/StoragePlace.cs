using System.Buffers.Binary;
using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>What all clients of one world share: the clouds, the keys, and what has been written and read.</summary>
internal sealed class StoragePlace
{
    internal static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private readonly StorageFlaw? _flaw;
    private readonly IReadOnlyList<SimulatedCloud> _spares;
    private readonly bool _hasMembers;
    private readonly bool _hasStranger;
    private readonly Dictionary<string, (SimulatedNode Node, long Incarnation)> _writing = new(StringComparer.Ordinal);
    private readonly StoreOptions _options;
    private ulong _contents;
    private int _folders;

    internal StoragePlace(
        World world, StorageFlaw? flaw, IReadOnlyList<SimulatedCloud> clouds, IReadOnlyList<SimulatedCloud> spares, bool isRegular)
    {
        (World, _flaw, Current, _spares, Dice) = (world, flaw, clouds, spares, world.Dice.Fork());
        History = new StorageHistory(world, isRegular, clouds.All(cloud => cloud.Traits.ConditionalPut));
        _hasMembers = Dice.Chance(0.4);
        _hasStranger = _hasMembers && Dice.Chance(0.3);
        LocksWriters = Dice.Chance(0.5);
        Replacements = StorageReplacements.Draw(world, clouds, spares, mayWrite: LocksWriters || clouds.All(cloud => cloud.Traits.ConditionalPut));
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

    /// <summary>The clouds that everybody's file names: those in use, once a replacement is complete.</summary>
    internal IReadOnlyList<SimulatedCloud> Current { get; private set; }

    internal StorageReplacements Replacements { get; }

    /// <summary>f.</summary>
    internal int Faults => (Current.Count - 1) / 3;

    internal StorageHistory History { get; }

    /// <summary>Writers take the unit's lease before they write.</summary>
    internal bool LocksWriters { get; }

    /// <summary>Only one client writes.</summary>
    internal bool HasOneWriter { get; set; }

    /// <summary>Clients stop.</summary>
    internal bool IsOver { get; set; }

    /// <summary>Some writer is at work.</summary>
    internal bool IsWritten => _writing.Values.Any(writer => writer.Node.IsUp && writer.Node.Incarnation == writer.Incarnation);

    /// <summary>Whether a writer has heard of the configuration that is in use by now; else it asks again later.</summary>
    internal async Task<bool> FollowsAsync(Store store)
    {
        if (IsUpToDate(store) || (await store.RefreshAsync(CancellationToken.None).ConfigureAwait(false) && IsUpToDate(store)))
        {
            return true;
        }

        World.Saw("not followed yet");
        return false;
    }

    /// <summary>A writer begins to write, if it may now.</summary>
    internal bool TryBeginWriting(SimulatedNode node)
    {
        if (Replacements is { WritersRest: true, IsUnderWay: true })
        {
            return false;
        }

        _writing[node.Name] = (node, node.Incarnation);
        return true;
    }

    internal void EndWriting(SimulatedNode node) => _writing.Remove(node.Name);

    /// <summary>Makes the store, before anything is faulty.</summary>
    internal async Task CreateAsync(SimulatedNode node)
    {
        ClientKeys keys = ClientKeys.OfThread;
        Outcome<Store> made = await Store.CreateAsync(
            Setup(node, node.Disk, Current, isMaker: true),
            [.. Current.Select(PlaceOf)],
            _hasMembers ? [keys.Writer.Signing.PublicKey] : [],
            [.. new[] { keys.Owner, keys.Writer, keys.Reader }.Take(_hasMembers ? 3 : 1).Select(member => member.Reading.PublicKey)],
            CancellationToken.None).ConfigureAwait(false);
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
            IBlobs folder = fresh ? node.Mount(World.Disk($"{node.Name}-fresh-{++_folders}")) : node.Disk;
            folder = _flaw is null ? folder : _flaw.Alter(folder);

            // Spare clouds count only once it is known which are in use, as with the program.
            bool isKnown = await folder.LengthAsync("configuration", CancellationToken.None).ConfigureAwait(false) is not null;
            Outcome<Store> opened = await Store.OpenAsync(Setup(node, folder, isKnown ? Everything : Current), CancellationToken.None).ConfigureAwait(false);
            if (opened.Succeeded && !isKnown && _spares.Count > 0)
            {
                opened = await Store.OpenAsync(Setup(node, folder, Everything), CancellationToken.None).ConfigureAwait(false);
            }

            if (opened.Succeeded)
            {
                return opened.Value;
            }

            World.Saw("opening failed");
            await node.Clock.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Replaces a cloud; false when that failed, and has to begin again.</summary>
    internal async Task<bool> ReplaceAsync(SimulatedNode node, Store store, StorageReplacement replacement)
    {
        World.Saw(Replacements.WritersRest ? "replacement while writers rest" : "replacement while writers write");
        if (!Replacements.WritersRest)
        {
            History.Loosen();
        }

        Outcome<int> moved = _flaw?.Replaces == true
            ? await _flaw.ReplaceAsync(store, ClientClouds(node, Everything), ClientKeys.OfThread.Owner, replacement.Old.Name, PlaceOf(replacement.Spare)).ConfigureAwait(false)
            : await store.ReplaceAsync(replacement.Old.Name, PlaceOf(replacement.Spare), null, CancellationToken.None).ConfigureAwait(false);
        node.Note($"replaces {replacement.Old.Name} by {replacement.Spare.Name}: {moved.Failure?.Message ?? "done"}");
        if (!moved.Succeeded)
        {
            return false;
        }

        Current = [.. Current.Select(cloud => cloud == replacement.Old ? replacement.Spare : cloud)];
        replacement.IsDone = true;
        return true;
    }

    /// <summary>Reads a unit, and has it judged; false when that failed.</summary>
    internal async Task<bool> ReadAsync(SimulatedNode node, Store store, string unit, bool isPart)
    {
        // Who has not heard of a replacement may be told by the cloud that was left that nothing was written since.
        TimeSpan begun = World.Now;
        bool isCurrent = IsUpToDate(store);
        if (isPart)
        {
            int offset = Dice.Below(100);
            byte[] part = new byte[Dice.Between(20, 60)];
            Outcome<int> read = await store.ReadAsync(unit, offset, part, null, CancellationToken.None).ConfigureAwait(false);
            return Judge(node, unit, begun, isCurrent, read.Succeeded ? part[..read.Value] : null, read.Failure, offset, part.Length);
        }

        using MemoryStream content = new();
        Outcome<UnitVersion> got = await store.GetAsync(unit, content, null, CancellationToken.None).ConfigureAwait(false);
        return Judge(node, unit, begun, isCurrent, got.Succeeded ? content.ToArray() : null, got.Failure, 0, int.MaxValue);
    }

    /// <summary>Reads some version that is kept, and has it judged.</summary>
    internal async Task ReadOlderAsync(SimulatedNode node, Store store, string unit)
    {
        TimeSpan begun = World.Now;
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
            if (!MayOpen(node))
            {
                World.Fail($"{node.Name} is no member, and read version {version.Number} of {unit}");
            }

            World.Saw("older version read");
            History.ReadVersion(node.Name, unit, begun, version, content.ToArray());
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

    private bool Judge(SimulatedNode node, string unit, TimeSpan begun, bool isCurrent, byte[]? given, Failure? failure, int offset, int length)
    {
        node.Note($"read {unit}: {failure?.Message ?? $"{given!.Length} bytes"}");
        if (!MayOpen(node))
        {
            if (given is { Length: > 0 })
            {
                World.Fail($"{node.Name} is no member, and read {given.Length} bytes of {unit}");
            }

            World.Saw("stranger could not read");
            return false;
        }

        if (failure is not null && failure.Kind != FailureKind.Missing)
        {
            World.Saw($"read failed: {failure.Kind}");
            return false;
        }

        World.Saw(!isCurrent ? "read by an older configuration" : failure is null ? "read" : "read of nothing");
        History.Read(node.Name, unit, isCurrent ? begun : TimeSpan.Zero, given, offset, length);
        return true;
    }

    private IReadOnlyList<SimulatedCloud> Everything => [.. Current, .. _spares.Except(Current), .. Replacements.Left];

    private StoreSetup Setup(SimulatedNode node, IBlobs folder, IReadOnlyList<SimulatedCloud> clouds, bool isMaker = false) => new()
    {
        Clouds = isMaker ? [.. clouds.Select(cloud => cloud.For(node))] : ClientClouds(node, clouds),
        Keys = KeysOf(node),
        State = folder,
        Clock = node.Clock,
        Entropy = node.Entropy,
        Options = _options,
    };

    private IReadOnlyList<ICloud> ClientClouds(SimulatedNode node, IReadOnlyList<SimulatedCloud> clouds)
    {
        ICloud[] ports = [.. clouds.Select(cloud => cloud.For(node))];
        return _flaw is null ? ports : _flaw.Alter(ports, node);
    }

    private StoreKeys KeysOf(SimulatedNode node) => !_hasMembers ? ClientKeys.OfThread.Owner : node.Name switch
    {
        "writer1" => ClientKeys.OfThread.Writer,
        "reader1" => ClientKeys.OfThread.Reader,
        "reader0" when _hasStranger => ClientKeys.OfThread.Stranger,
        _ => ClientKeys.OfThread.Owner,
    };

    /// <summary>Nothing was wrapped for a client that is no member.</summary>
    private bool MayOpen(SimulatedNode node) =>
        _options.Protocol != UnitProtocol.Sealed || _options.KeyMode != UnitKeyMode.Sealed || KeysOf(node) != ClientKeys.OfThread.Stranger;

    private bool IsUpToDate(Store store) => store.Configuration.Number > Replacements.Left.Count();

    private static CloudPlace PlaceOf(SimulatedCloud cloud) => new(cloud.Name, "");
}
