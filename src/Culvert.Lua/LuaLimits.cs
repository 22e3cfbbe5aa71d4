namespace Culvert.Lua;

/// <summary>What a script may use. Past a limit the batch fails with a message that names the limit and the script's line.</summary>
public sealed record LuaLimits
{
    /// <summary>The limits used when none are given.</summary>
    public static LuaLimits Default { get; } = new();

    /// <summary>
    /// Instructions of Lua's machine for one event, and for loading the script; counted in thousands. At least 1,000;
    /// 10 million by default, some 0.2 s.
    /// </summary>
    public long InstructionsPerEventMax { get; init; } = 10_000_000;

    /// <summary>Instructions for one batch. At least 1,000; 4 billion by default, about a minute.</summary>
    public long InstructionsPerBatchMax { get; init; } = 4_000_000_000;

    /// <summary>
    /// Bytes that one operator's scripts, events under way and accumulators take together. At least 1 MiB; 64 MiB by
    /// default. A single text may not be longer than this either.
    /// </summary>
    public long MemoryBytesMax { get; init; } = 64L << 20;

    /// <summary>
    /// Bytes that a script may ask for in one call (2,048 events or fewer), freed ones counted too: a bound on the time that
    /// can be spent in copying. 64 GiB by default.
    /// </summary>
    public long AllocatedBytesPerCallMax { get; init; } = 64L << 30;

    /// <summary>Bytes of one saved accumulator. 1 MiB by default.</summary>
    public int AccumulatorBytesMax { get; init; } = 1 << 20;

    /// <summary>
    /// Steps that a pattern may take at worst in C, which cannot be stopped; what may take more is matched in Lua, slower and
    /// counted, with the same answers. A million by default, some milliseconds; 0 leaves nothing to C.
    /// </summary>
    public long PatternStepsMax { get; init; } = 1 << 20;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InstructionsPerEventMax, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InstructionsPerEventMax, 1L << 52);
        ArgumentOutOfRangeException.ThrowIfLessThan(InstructionsPerBatchMax, 1000);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InstructionsPerBatchMax, 1L << 52);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBytesMax, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MemoryBytesMax, 1L << 40);
        ArgumentOutOfRangeException.ThrowIfLessThan(AllocatedBytesPerCallMax, MemoryBytesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(AccumulatorBytesMax, 1);
    }
}
