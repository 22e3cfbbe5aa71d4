using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Attestation;

/// <summary>
/// A number modulo 2^3072 - 1103717, the largest safe prime of 3072 bits, under multiplication. Kept below 2^3072, and below
/// the modulus only when it is written.
/// </summary>
internal sealed class RowProduct
{
    /// <summary>Bytes of a number.</summary>
    internal const int Bytes = Limbs * sizeof(ulong);

    private const int Limbs = 48;

    /// <summary>2^3072 is this, modulo the prime; so what lies above is folded back by one multiplication.</summary>
    private const ulong Excess = 1103717;

    // Least significant limb first.
    private readonly ulong[] _value = new ulong[Limbs];
    private readonly ulong[] _factor = new ulong[Limbs];
    private readonly ulong[] _wide = new ulong[2 * Limbs];

    /// <summary>1.</summary>
    internal RowProduct() => _value[0] = 1;

    /// <summary>A number from its bytes, big-endian, in whichever representation below 2^3072.</summary>
    internal static RowProduct Of(ReadOnlySpan<byte> bytes)
    {
        RowProduct product = new();
        Read(bytes, product._value);
        return product;
    }

    /// <summary>Whether bytes are above 0 and below the modulus: the one way to write a number.</summary>
    internal static bool IsReduced(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> value = stackalloc ulong[Limbs];
        Read(bytes, value);
        return value.ContainsAnyExcept(0UL) && !ReachesModulus(value);
    }

    internal void Multiply(RowProduct other)
    {
        other._value.CopyTo(_factor, 0);
        MultiplyByFactor();
    }

    /// <summary>Multiplies by a number of <see cref="Bytes"/> bytes, big-endian.</summary>
    internal void Multiply(ReadOnlySpan<byte> number)
    {
        Read(number, _factor);
        MultiplyByFactor();
    }

    /// <summary>Writes <see cref="Bytes"/> bytes, big-endian, below the modulus.</summary>
    internal void WriteReduced(Span<byte> destination)
    {
        if (ReachesModulus(_value))
        {
            // Once is enough: below 2^3072 there are fewer than two moduli. Adding the excess overflows to the difference.
            AddAt(_value, Excess);
        }

        for (int i = 0; i < Limbs; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[((Limbs - 1 - i) * sizeof(ulong))..], _value[i]);
        }
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<ulong> value)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        for (int i = 0; i < Limbs; i++)
        {
            value[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes[((Limbs - 1 - i) * sizeof(ulong))..]);
        }
    }

    /// <summary>At least the modulus: all limbs but the lowest are full, and the lowest is at least its lowest.</summary>
    private static bool ReachesModulus(ReadOnlySpan<ulong> value) =>
        !value[1..].ContainsAnyExcept(ulong.MaxValue) && value[0] >= unchecked(0UL - Excess);

    private void MultiplyByFactor()
    {
        Span<ulong> wide = _wide;
        wide.Clear();
        ReadOnlySpan<ulong> factor = _factor;
        for (int i = 0; i < Limbs; i++)
        {
            wide[i + Limbs] = MultiplyAdd(wide.Slice(i, Limbs), factor, _value[i]);
        }

        wide[..Limbs].CopyTo(_value);
        ulong above = MultiplyAdd(_value, wide[Limbs..], Excess);
        while (above != 0)
        {
            // What is above is below 2^21, so its fold is one limb; a carry out of that makes one more turn at most.
            above = AddAt(_value, above * Excess);
        }
    }

    /// <summary>Adds <paramref name="left"/> times <paramref name="by"/> to <paramref name="sum"/>, of as many limbs; returns what lies above.</summary>
    private static ulong MultiplyAdd(Span<ulong> sum, ReadOnlySpan<ulong> left, ulong by)
    {
        // Without checks of each index: this is where the time goes.
        ArgumentOutOfRangeException.ThrowIfNotEqual(sum.Length, left.Length);
        ref ulong sums = ref MemoryMarshal.GetReference(sum);
        ref ulong lefts = ref MemoryMarshal.GetReference(left);
        ulong carry = 0;
        for (int i = 0; i < left.Length; i++)
        {
            ulong high = Math.BigMul(Unsafe.Add(ref lefts, i), by, out ulong low);
            ulong first = low + carry;
            high += first < low ? 1UL : 0;
            ref ulong at = ref Unsafe.Add(ref sums, i);
            ulong second = at + first;
            high += second < first ? 1UL : 0;
            at = second;
            carry = high;
        }

        return carry;
    }

    private static ulong AddAt(Span<ulong> value, ulong addend)
    {
        for (int i = 0; i < value.Length && addend != 0; i++)
        {
            value[i] += addend;
            addend = value[i] < addend ? 1UL : 0;
        }

        return addend;
    }
}
