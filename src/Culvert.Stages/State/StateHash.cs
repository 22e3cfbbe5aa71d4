using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Culvert.Stages;

/// <summary>
/// The 64-bit hash of keys: places entries in a <see cref="StateTable"/> and, in the open, keys in partitions. It is a part
/// of the plan and of the snapshot format, so it never changes (golden vectors: <c>tests/vectors/state-hash.txt</c>).
/// Built on folded multiplication: the two halves of a 128-bit product, xored. It does not resist chosen keys.
/// </summary>
public static class StateHash
{
    // The fractional parts of the square roots of small primes (as in SHA-512), those that are odd.
    private const ulong K0 = 0xbb67ae8584caa73b;
    private const ulong K1 = 0x3c6ef372fe94f82b;
    private const ulong K2 = 0xa54ff53a5f1d36f1;
    private const ulong K3 = 0x510e527fade682d1;
    private const ulong K4 = 0x9b05688c2b3e6c1f;

    /// <summary>The hash of a key of any length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> key) =>
        key.Length == sizeof(ulong) ? Of(BinaryPrimitives.ReadUInt64LittleEndian(key)) : OfOther(key);

    /// <summary>The hash of the 8 bytes of <paramref name="key"/>, little-endian: equal to hashing them as a span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ulong key) => Finish(K2, key, sizeof(ulong));

    private static ulong OfOther(ReadOnlySpan<byte> key)
    {
        ulong state = K2;
        if (key.Length > 16)
        {
            ReadOnlySpan<byte> rest = key;
            while (rest.Length > 16)
            {
                state = Fold(Word(rest) ^ K0, Word(rest[8..]) ^ state);
                rest = rest[16..];
            }

            // The last 16 bytes, which may overlap those already taken: no byte is left out and no tail loop is needed.
            return Finish(
                Fold(Word(key[^16..]) ^ K4, state ^ K0),
                Word(key[^8..]),
                (ulong)key.Length);
        }

        if (key.Length >= 8)
        {
            return Finish(Fold(Word(key) ^ K4, state ^ K0), Word(key[^8..]), (ulong)key.Length);
        }

        ulong low = 0;
        for (int i = 0; i < key.Length; i++)
        {
            low |= (ulong)key[i] << (8 * i);
        }

        return Finish(state, low, (ulong)key.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Finish(ulong state, ulong word, ulong length) =>
        Fold(Fold(word ^ K0, state ^ K1) ^ K3, length ^ K4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
