using System.Runtime.CompilerServices;

namespace Culvert.Storage;

/// <summary>One byte, by the same tables of halves.</summary>
internal readonly unsafe struct ByteLanes : IFieldLanes<byte, byte, ByteLanes.Table>
{
    public static int Width => 1;

    public static byte* Tables => ErasureField.Nibbles;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Table Factor(byte* tables, byte constant) => new(tables + (constant * ErasureField.NibbleBytes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Load(byte* from) => *from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Multiply(byte operand, Table factor) =>
        (byte)(factor.Products[operand & 15] ^ factor.Products[16 + (operand >> 4)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Add(byte a, byte b) => (byte)(a ^ b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte vector, byte* to) => *to = vector;

    /// <summary>The products of a constant with halves.</summary>
    internal readonly struct Table(byte* products)
    {
        public readonly byte* Products = products;
    }
}
