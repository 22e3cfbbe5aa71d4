namespace Culvert.Storage;

/// <summary>
/// GF(2^8) with the polynomial 0x11D (docs/specs/erasure-code.md). Its time depends on values: not for secrets, which have
/// another field in Culvert.Sealing.
/// </summary>
internal static unsafe class ErasureField
{
    /// <summary>Bytes in <see cref="Nibbles"/> for a constant: its products with 0 to 15, then with multiples of 16.</summary>
    internal const int NibbleBytes = 32;

    /// <summary>Bytes in <see cref="Matrices"/> for a constant.</summary>
    internal const int MatrixBytes = sizeof(ulong);

    private const int Elements = 256;
    private const int Polynomial = 0x11d;

    /// <summary>Products of each constant with the lower and the upper halves of bytes.</summary>
    internal static readonly byte* Nibbles = MakeNibbles();

    /// <summary>Products of each constant as matrices of bits, as GF2P8AFFINEQB takes them.</summary>
    internal static readonly byte* Matrices = MakeMatrices();

    private static readonly byte[] s_inverses = MakeInverses();

    internal static byte Multiply(byte a, byte b) =>
        (byte)(Nibbles[(a * NibbleBytes) + (b & 15)] ^ Nibbles[(a * NibbleBytes) + 16 + (b >> 4)]);

    /// <summary>1/a for a other than 0.</summary>
    internal static byte Inverse(byte a)
    {
        Invariant.Holds(a != 0);
        return s_inverses[a];
    }

    /// <summary>A product by its definition, for the tables.</summary>
    private static byte Product(int a, int b)
    {
        int product = 0;
        for (; b != 0; b >>= 1)
        {
            product ^= -(b & 1) & a;
            a = (a << 1) ^ (-(a >> 7) & Polynomial);
        }

        return (byte)product;
    }

    private static byte* MakeNibbles()
    {
        byte* tables = Allocate(NibbleBytes);
        for (int a = 0; a < Elements; a++)
        {
            for (int half = 0; half < 16; half++)
            {
                tables[(a * NibbleBytes) + half] = Product(a, half);
                tables[(a * NibbleBytes) + 16 + half] = Product(a, half << 4);
            }
        }

        return tables;
    }

    /// <summary>Bit j of byte 7 - i says whether bit i of the product depends on bit j of the factor (Intel's manual, GF2P8AFFINEQB).</summary>
    private static byte* MakeMatrices()
    {
        byte* matrices = Allocate(MatrixBytes);
        for (int a = 0; a < Elements; a++)
        {
            for (int j = 0; j < 8; j++)
            {
                int column = Product(a, 1 << j);
                for (int i = 0; i < 8; i++)
                {
                    matrices[(a * MatrixBytes) + 7 - i] |= (byte)(((column >> i) & 1) << j);
                }
            }
        }

        return matrices;
    }

    private static byte[] MakeInverses()
    {
        byte[] inverses = new byte[Elements];
        for (int a = 1; a < Elements; a++)
        {
            inverses[a] = (byte)Enumerable.Range(1, Elements - 1).First(b => Product(a, b) == 1);
        }

        return inverses;
    }

    /// <summary>Zeros in native memory, which lives as long as the program.</summary>
    private static byte* Allocate(int bytesEach) =>
        (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(Elements * (nuint)bytesEach);
}
