using System.Runtime.InteropServices;

namespace Culvert.Benchmarks.Erasure;

/// <summary>
/// Intel's storage library (Debian's package libisal2), the erasure code that others are compared with. Its functions are
/// those of its header erasure_code.h; it chooses its kernel by the processor itself.
/// </summary>
internal static unsafe class IsalLibrary
{
    private const string File = "libisal.so.2";

    // Bytes of a constant's table.
    private const int TableBytes = 32;

    private static readonly nint s_library = NativeLibrary.TryLoad(File, out nint library) ? library : 0;

    /// <summary>Null when it can be called; else why not, for people.</summary>
    public static string? WhyMissing => s_library != 0 ? null : $"{File} is not installed: it comes with Debian's package libisal2";

    /// <summary>The tables for a matrix of constants: a row of <paramref name="inputs"/> for each output.</summary>
    public static byte[] Tables(ReadOnlySpan<byte> constants, int inputs)
    {
        byte[] tables = GC.AllocateArray<byte>(constants.Length * TableBytes, pinned: true);
        var initialise = (delegate* unmanaged<int, int, byte*, byte*, void>)NativeLibrary.GetExport(s_library, "ec_init_tables");
        fixed (byte* rows = constants, first = tables)
        {
            initialise(inputs, constants.Length / inputs, rows, first);
        }

        return tables;
    }

    /// <summary>The inverse of a square matrix; the argument is used up.</summary>
    public static byte[] Invert(byte[] matrix, int size)
    {
        byte[] inverse = new byte[matrix.Length];
        var invert = (delegate* unmanaged<byte*, byte*, int, int>)NativeLibrary.GetExport(s_library, "gf_invert_matrix");
        fixed (byte* from = matrix, to = inverse)
        {
            return invert(from, to, size) == 0 ? inverse : throw new InvalidOperationException("libisal cannot invert the code's matrix");
        }
    }

    /// <summary>What computes outputs from inputs, all of <paramref name="length"/> bytes; tables and blocks are pinned arrays.</summary>
    public static Action Encoder(int length, byte[] tables, byte*[] inputs, byte*[] outputs)
    {
        var encode = (delegate* unmanaged<int, int, int, byte*, byte**, byte**, void>)NativeLibrary.GetExport(s_library, "ec_encode_data");
        return () =>
        {
            fixed (byte* table = tables)
            fixed (byte** from = inputs, to = outputs)
            {
                encode(length, inputs.Length, outputs.Length, table, from, to);
            }
        };
    }
}
