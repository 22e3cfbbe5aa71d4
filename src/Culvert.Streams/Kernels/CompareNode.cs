using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Culvert.Streams.Kernels;

/// <summary>
/// A comparison of numbers, 64 rows to a word. A missing side compares as <paramref name="nulls"/> says; constants are on
/// the right and never null.
/// </summary>
internal sealed class CompareNode<T, TComparison>(KernelNode left, Operand<T> right, NullComparison nulls) : KernelNode
    where T : unmanaged
    where TComparison : struct, IComparison<T>
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<T> a = (FixedColumn<T>)left.Evaluate(frame);
        using FixedColumn<T>? b = right.Evaluate(frame);
        int count = frame.Count;
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(count));
        if (b is null)
        {
            ColumnConstant(a.Values, right.Constant, words);
        }
        else
        {
            ColumnColumn(a.Values, b.Values, words);
        }

        nulls.Apply(words, a.Validity, b is null ? default : b.Validity, count);
        return new MaskColumn(words, count, null, frame.Pool);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnConstant(ReadOnlySpan<T> a, T constant, Span<ulong> words)
    {
        int full = 0;
        if (Vector256<T>.IsSupported)
        {
            ref T x = ref MemoryMarshal.GetReference(a);
            Vector256<T> y = Vector256.Create(constant);
            full = a.Length & ~63;
            for (int start = 0; start < full; start += 64)
            {
                ulong bits = 0;
                for (int i = 0; i < 64; i += Vector256<T>.Count)
                {
                    bits |= (ulong)TComparison.Apply(Vector256.LoadUnsafe(ref x, (nuint)(start + i)), y).ExtractMostSignificantBits() << i;
                }

                words[start >> 6] = bits;
            }
        }

        for (int start = full; start < a.Length; start += 64)
        {
            ulong bits = 0;
            int length = Math.Min(64, a.Length - start);
            for (int i = 0; i < length; i++)
            {
                bits |= (TComparison.Apply(a[start + i], constant) ? 1UL : 0) << i;
            }

            words[start >> 6] = bits;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnColumn(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<ulong> words)
    {
        int full = 0;
        if (Vector256<T>.IsSupported)
        {
            ref T x = ref MemoryMarshal.GetReference(a);
            ref T y = ref MemoryMarshal.GetReference(b);
            full = a.Length & ~63;
            for (int start = 0; start < full; start += 64)
            {
                ulong bits = 0;
                for (int i = 0; i < 64; i += Vector256<T>.Count)
                {
                    nuint at = (nuint)(start + i);
                    bits |= (ulong)TComparison.Apply(Vector256.LoadUnsafe(ref x, at), Vector256.LoadUnsafe(ref y, at)).ExtractMostSignificantBits() << i;
                }

                words[start >> 6] = bits;
            }
        }

        for (int start = full; start < a.Length; start += 64)
        {
            ulong bits = 0;
            int length = Math.Min(64, a.Length - start);
            for (int i = 0; i < length; i++)
            {
                bits |= (TComparison.Apply(a[start + i], b[start + i]) ? 1UL : 0) << i;
            }

            words[start >> 6] = bits;
        }
    }
}
