using System.Numerics;

namespace Culvert.Streams.Kernels;

/// <summary>Whether a floating-point number is none; null stays null.</summary>
internal sealed class NanNode<T>(KernelNode operand) : KernelNode
    where T : unmanaged, INumberBase<T>
{
    internal override Column Evaluate(in Frame frame)
    {
        using FixedColumn<T> input = (FixedColumn<T>)operand.Evaluate(frame);
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        words.AsSpan(0, Bitmap.WordCount(frame.Count)).Clear();
        for (int i = 0; i < frame.Count; i++)
        {
            words[i >> 6] |= (T.IsNaN(input.Values[i]) ? 1UL : 0) << (i & 63);
        }

        return new MaskColumn(words, frame.Count, BitLoops.And(input.Validity, default, frame.Count, frame.Pool), frame.Pool);
    }
}
