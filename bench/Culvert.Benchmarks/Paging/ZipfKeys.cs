namespace Culvert.Benchmarks.Paging;

/// <summary>
/// Numbers of keys by a distribution, the same for the same seed on every machine. Zipf with exponent 1 by rejection-inversion
/// (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", 1996).
/// </summary>
internal sealed class ZipfKeys(long keys, KeyDistribution distribution, ulong seed)
{
    private readonly double _first = Integral(1.5) - 1;
    private readonly double _last = Integral(keys + 0.5);
    private ulong _state = seed;

    /// <summary>The next event's key.</summary>
    internal long Next() => distribution == KeyDistribution.Zipf ? Scattered(NextRank()) : Scattered((long)Math.BigMul(NextBits(), (ulong)keys, out _));

    /// <summary>The key of a rank from 0: a number without any order. Different for different ranks.</summary>
    internal static long Scattered(long rank) => (long)Mixed((ulong)rank);

    private static double Integral(double x) => Math.Log(x);

    private long NextRank()
    {
        while (true)
        {
            double u = _last + ((NextBits() >> 11) * (1.0 / (1UL << 53)) * (_first - _last));
            double x = Math.Exp(u);
            long rank = Math.Clamp((long)(x + 0.5), 1, keys);
            if (u >= Integral(rank + 0.5) - (1.0 / rank))
            {
                return rank - 1;
            }
        }
    }

    private ulong NextBits() => Mixed(_state += 0x9E37_79B9_7F4A_7C15);

    // SplitMix64's finaliser: a permutation.
    private static ulong Mixed(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }
}
