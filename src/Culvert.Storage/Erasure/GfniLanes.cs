using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Culvert.Storage;

/// <summary>512 bits by GF2P8AFFINEQB.</summary>
internal readonly unsafe struct Gfni512Lanes : IFieldLanes<Vector512<byte>, Vector512<byte>, Vector512<byte>>
{
    public static int Width => Vector512<byte>.Count;

    public static byte* Tables => ErasureField.Matrices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Factor(byte* tables, byte constant) =>
        Vector512.Create(((ulong*)tables)[constant]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Multiply(Vector512<byte> operand, Vector512<byte> factor) =>
        Gfni.V512.GaloisFieldAffineTransform(operand, factor, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Add(Vector512<byte> a, Vector512<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<byte> vector, byte* to) => vector.Store(to);
}

/// <summary>256 bits by GF2P8AFFINEQB.</summary>
internal readonly unsafe struct Gfni256Lanes : IFieldLanes<Vector256<byte>, Vector256<byte>, Vector256<byte>>
{
    public static int Width => Vector256<byte>.Count;

    public static byte* Tables => ErasureField.Matrices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Factor(byte* tables, byte constant) =>
        Vector256.Create(((ulong*)tables)[constant]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Multiply(Vector256<byte> operand, Vector256<byte> factor) =>
        Gfni.V256.GaloisFieldAffineTransform(operand, factor, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Add(Vector256<byte> a, Vector256<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> vector, byte* to) => vector.Store(to);
}

/// <summary>128 bits by GF2P8AFFINEQB.</summary>
internal readonly unsafe struct Gfni128Lanes : IFieldLanes<Vector128<byte>, Vector128<byte>, Vector128<byte>>
{
    public static int Width => Vector128<byte>.Count;

    public static byte* Tables => ErasureField.Matrices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Factor(byte* tables, byte constant) =>
        Vector128.Create(((ulong*)tables)[constant]).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Multiply(Vector128<byte> operand, Vector128<byte> factor) =>
        Gfni.GaloisFieldAffineTransform(operand, factor, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Add(Vector128<byte> a, Vector128<byte> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> vector, byte* to) => vector.Store(to);
}
