using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Culvert.Storage;

/// <summary>256 bits: the products of bytes' lower and upper halves, each looked up in a register.</summary>
internal readonly unsafe struct Avx2Lanes : IFieldLanes<Vector256<byte>, Avx2Lanes.Halves, Avx2Lanes.Halves>
{
    public static int Width => Vector256<byte>.Count;

    public static byte* Tables => ErasureField.Nibbles;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Factor(byte* tables, byte constant)
    {
        byte* table = tables + (constant * ErasureField.NibbleBytes);
        return new(Avx2.BroadcastVector128ToVector256(table), Avx2.BroadcastVector128ToVector256(table + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Halves Load(byte* from)
    {
        Vector256<byte> mask = Vector256.Create((byte)15);
        Vector256<byte> bytes = Vector256.Load(from);
        return new(bytes & mask, (bytes.AsUInt64() >>> 4).AsByte() & mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Multiply(Halves operand, Halves factor) =>
        Avx2.Shuffle(factor.Low, operand.Low) ^ Avx2.Shuffle(factor.High, operand.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> a, Vector256<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> vector, byte* to) => vector.Store(to);

    /// <summary>Of bytes, their halves as numbers from 0 to 15; of a constant, its products with such halves.</summary>
    internal readonly struct Halves(Vector256<byte> low, Vector256<byte> high)
    {
        public readonly Vector256<byte> Low = low;

        public readonly Vector256<byte> High = high;
    }
}
