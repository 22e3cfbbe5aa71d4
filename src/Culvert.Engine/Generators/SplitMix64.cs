namespace Culvert.Engine;

/// <summary>
/// A small seeded sequence of 64-bit numbers that is the same on every machine (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014). For made-up data only: anyone who sees some of it can tell the rest.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private ulong _state = seed;

    /// <summary>The generator of one of many independent sequences of a seed.</summary>
    public static SplitMix64 ForBlock(ulong seed, long block) => new(Mix(seed + Step) ^ Mix((ulong)block * Step));

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += Step);

    /// <summary>The next number from 0 up to and without <paramref name="limit"/> (at least 1).</summary>
    public int Below(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
