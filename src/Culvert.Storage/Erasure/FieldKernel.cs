using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Culvert.Storage;

/// <summary>How bytes are multiplied by constants of the field. All give the same bytes.</summary>
public enum FieldKernel
{
    /// <summary>One byte at a time by two small tables; on any processor.</summary>
    Scalar,

    /// <summary>32 bytes at a time: both tables in registers, halves of bytes looked up by VPSHUFB.</summary>
    Avx2,

    /// <summary>16 bytes at a time by GF2P8AFFINEQB: a product as a matrix of bits.</summary>
    Gfni128,

    /// <summary>The same, 32 bytes at a time.</summary>
    Gfni256,

    /// <summary>The same, 64 bytes at a time.</summary>
    Gfni512,
}

/// <summary>The kernels of this processor.</summary>
public static class FieldKernels
{
    /// <summary>Those that run here, the fastest last.</summary>
    public static IReadOnlyList<FieldKernel> Supported { get; } = [.. Enum.GetValues<FieldKernel>().Where(IsSupported)];

    /// <summary>The one that is taken where none is asked for.</summary>
    public static FieldKernel Best => Supported[^1];

    /// <summary>Whether this processor has what a kernel needs.</summary>
    public static bool IsSupported(FieldKernel kernel) => kernel switch
    {
        FieldKernel.Scalar => true,
        FieldKernel.Avx2 => Avx2.IsSupported,
        FieldKernel.Gfni128 => Gfni.IsSupported,
        FieldKernel.Gfni256 => Gfni.IsSupported && Gfni.V256.IsSupported,

        // Where wide registers slow the whole processor down the runtime says that they are not accelerated.
        FieldKernel.Gfni512 => IsSupported(FieldKernel.Gfni256) && Gfni.V512.IsSupported && Vector512.IsHardwareAccelerated,
        _ => false,
    };
}
