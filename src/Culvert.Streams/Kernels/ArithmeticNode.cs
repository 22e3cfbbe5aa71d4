using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Streams.Kernels;

/// <summary>Arithmetic that cannot fail: a vector at a time over all rows, missing ones included.</summary>
internal sealed class ArithmeticNode<T, TOperation>(ColumnType type, Operand<T> left, Operand<T> right) : KernelNode
    where T : unmanaged
    where TOperation : struct, IArithmetic<T>
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<T>? a = left.Evaluate(frame);
        using FixedColumn<T>? b = right.Evaluate(frame);
        int count = frame.Count;
        T[] result = frame.Pool.Rent<T>(count);
        if (b is null)
        {
            ColumnConstant(a!.Values, right.Constant, result);
        }
        else if (a is null)
        {
            ConstantColumn(left.Constant, b.Values, result);
        }
        else
        {
            ColumnColumn(a.Values, b.Values, result);
        }

        ulong[]? validity = BitLoops.And(a is null ? default : a.Validity, b is null ? default : b.Validity, count, frame.Pool);
        return new FixedColumn<T>(type, result, count, validity, frame.Pool);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnColumn(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result)
    {
        ref T x = ref MemoryMarshal.GetReference(a);
        ref T y = ref MemoryMarshal.GetReference(b);
        ref T z = ref MemoryMarshal.GetReference(result);
        int i = 0;
        for (; i <= a.Length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            TOperation.Apply(Vector256.LoadUnsafe(ref x, (nuint)i), Vector256.LoadUnsafe(ref y, (nuint)i)).StoreUnsafe(ref z, (nuint)i);
        }

        for (; i < a.Length; i++)
        {
            result[i] = TOperation.Apply(a[i], b[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnConstant(ReadOnlySpan<T> a, T b, Span<T> result)
    {
        ref T x = ref MemoryMarshal.GetReference(a);
        ref T z = ref MemoryMarshal.GetReference(result);
        Vector256<T> y = Vector256.Create(b);
        int i = 0;
        for (; i <= a.Length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            TOperation.Apply(Vector256.LoadUnsafe(ref x, (nuint)i), y).StoreUnsafe(ref z, (nuint)i);
        }

        for (; i < a.Length; i++)
        {
            result[i] = TOperation.Apply(a[i], b);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ConstantColumn(T a, ReadOnlySpan<T> b, Span<T> result)
    {
        ref T y = ref MemoryMarshal.GetReference(b);
        ref T z = ref MemoryMarshal.GetReference(result);
        Vector256<T> x = Vector256.Create(a);
        int i = 0;
        for (; i <= b.Length - Vector256<T>.Count; i += Vector256<T>.Count)
        {
            TOperation.Apply(x, Vector256.LoadUnsafe(ref y, (nuint)i)).StoreUnsafe(ref z, (nuint)i);
        }

        for (; i < b.Length; i++)
        {
            result[i] = TOperation.Apply(a, b[i]);
        }
    }
}
