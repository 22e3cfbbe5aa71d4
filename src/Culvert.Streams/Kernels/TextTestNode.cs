using Culvert.Streams.Expressions;

namespace Culvert.Streams.Kernels;

/// <summary>What two byte sequences are asked.</summary>
internal enum TextTest
{
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    EndsWith,
    Contains,
}

/// <summary>
/// Tests of texts or bytes by their bytes, with C#'s answer where a side is missing for comparisons, and null for the
/// others.
/// </summary>
internal sealed class TextTestNode(TextTest test, KernelNode left, KernelNode right) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using BytesColumn a = (BytesColumn)left.Evaluate(frame);
        using BytesColumn b = (BytesColumn)right.Evaluate(frame);
        int count = frame.Count;
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(count));
        bool isOne = b is DictionaryColumn { Dictionary.Count: 1, AllValid: true };
        ReadOnlySpan<byte> one = isOne && count > 0 ? b.GetBytes(0) : default;
        for (int start = 0; start < count; start += 64)
        {
            ulong bits = 0;
            int length = Math.Min(64, count - start);
            for (int i = 0; i < length; i++)
            {
                bits |= (Holds(test, a.GetBytes(start + i), isOne ? one : b.GetBytes(start + i)) ? 1UL : 0) << i;
            }

            words[start >> 6] = bits;
        }

        if (test >= TextTest.StartsWith)
        {
            return new MaskColumn(words, count, BitLoops.And(a.Validity, b.Validity, count, frame.Pool), frame.Pool);
        }

        NullComparison nulls = test switch
        {
            TextTest.Equal => NullComparison.Equal,
            TextTest.Unequal => NullComparison.Unequal,
            _ => NullComparison.Order,
        };
        nulls.Apply(words, a.Validity, b.Validity, count);
        return new MaskColumn(words, count, null, frame.Pool);
    }

    internal static TextTest Of(BinaryOperator op) => op switch
    {
        BinaryOperator.Equal => TextTest.Equal,
        BinaryOperator.NotEqual => TextTest.Unequal,
        BinaryOperator.LessThan => TextTest.Less,
        BinaryOperator.LessThanOrEqual => TextTest.LessOrEqual,
        BinaryOperator.GreaterThan => TextTest.Greater,
        _ => TextTest.GreaterOrEqual,
    };

    private static bool Holds(TextTest test, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => test switch
    {
        TextTest.Equal => a.SequenceEqual(b),
        TextTest.Unequal => !a.SequenceEqual(b),
        TextTest.Less => a.SequenceCompareTo(b) < 0,
        TextTest.LessOrEqual => a.SequenceCompareTo(b) <= 0,
        TextTest.Greater => a.SequenceCompareTo(b) > 0,
        TextTest.GreaterOrEqual => a.SequenceCompareTo(b) >= 0,
        TextTest.StartsWith => a.StartsWith(b),
        TextTest.EndsWith => a.EndsWith(b),
        _ => a.IndexOf(b) >= 0,
    };
}
