namespace Culvert.Storage;

/// <summary>Which clouds are asked for blocks first.</summary>
public enum ReadOrder
{
    /// <summary>Those that answered fastest so far.</summary>
    Fastest,

    /// <summary>Those that cost least, by <see cref="StoreOptions.ReadCosts"/>.</summary>
    Cheapest,

    /// <summary>The cheapest of those that are at most twice as slow as the k-th fastest.</summary>
    Mixed,
}

/// <summary>How a client uses a store; nothing here changes what lies on the clouds but the first three.</summary>
public sealed record StoreOptions
{
    /// <summary>How new values lie on the clouds; default <see cref="UnitProtocol.Sealed"/>.</summary>
    public UnitProtocol Protocol { get; init; } = UnitProtocol.Sealed;

    /// <summary>Who can have new values' keys; default <see cref="UnitKeyMode.Shared"/>. Not looked at with <see cref="UnitProtocol.Replicated"/>.</summary>
    public UnitKeyMode KeyMode { get; init; } = UnitKeyMode.Shared;

    /// <summary>Length of new values' chunks, bytes; default 4 MiB.</summary>
    public int ChunkBytes { get; init; } = UnitLimits.ChunkBytesDefault;

    /// <summary>Which clouds are asked for blocks first; default the fastest.</summary>
    public ReadOrder Order { get; init; } = ReadOrder.Fastest;

    /// <summary>What a read costs at each cloud, in any unit, by the cloud's name; default: nothing anywhere.</summary>
    public IReadOnlyDictionary<string, double> ReadCosts { get; init; } = new Dictionary<string, double>();

    /// <summary>Blocks of the newest version known are asked for together with the metadata; default false.</summary>
    public bool Speculate { get; init; }

    /// <summary>After how long without an answer one more cloud is asked for a block; default 500 ms.</summary>
    public TimeSpan HedgeAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a read begins again when what the metadata names is not to be had; default 5.</summary>
    public int RepeatsMax { get; init; } = 5;

    /// <summary>How long before the first repeat; twice as long before each next one; default 100 ms.</summary>
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a client goes on by the configuration that it has before it asks for a newer one, when it next reads or writes: so
    /// long it may believe a writer who was taken out. Default 1 minute. What it remembers from an earlier process is asked for at once.
    /// </summary>
    public TimeSpan FollowAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Δ: by how much clients' clocks may differ; default 10 s.</summary>
    public TimeSpan ClockMargin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a lease lasts unless it is renewed, which happens after half of it less Δ; default 2 minutes, more than twice Δ.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// After how long without progress, by this client's notes, an upload that no version names counts as given up, so that what it sent may be
    /// removed; default 24 h. Uploads do not go on after half of it: all clients of a store use the same.
    /// </summary>
    public TimeSpan GivenUpAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Whoever waited goes on on the thread that ended the wait, inside the store's own work; blocking that thread until the store
    /// has done something more may then never end. For worlds of one thread, such as a simulation. Default false.
    /// </summary>
    public bool GoesOnInline { get; init; }

    internal TaskCreationOptions Continuations => GoesOnInline ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>Chunks whose puts are under way at once; default 2. Each takes some twice its length of memory, until the slowest cloud has it.</summary>
    public int ChunksUnderWay { get; init; } = 2;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkBytes, UnitLimits.ChunkBytesMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ChunkBytes, UnitLimits.ChunkBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunksUnderWay, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RepeatsMax, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LeaseTime, UnitLimits.LeaseMax);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LeaseTime, 2 * ClockMargin);
        ArgumentOutOfRangeException.ThrowIfLessThan(GivenUpAfter, TimeSpan.Zero);
    }
}
