namespace Culvert.Streams.Kernels;

/// <summary>What a comparison says where a side is missing: C#'s lifted operators.</summary>
internal readonly struct NullComparison(bool whenBoth, bool whenOne)
{
    /// <summary>== : true when both are missing.</summary>
    internal static NullComparison Equal => new(true, false);

    /// <summary>!= : true when one is missing.</summary>
    internal static NullComparison Unequal => new(false, true);

    /// <summary>&lt; and the like: false.</summary>
    internal static NullComparison Order => new(false, false);

    internal void Apply(Span<ulong> words, ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, int count)
    {
        if (left.IsEmpty && right.IsEmpty)
        {
            return;
        }

        ulong both = whenBoth ? ulong.MaxValue : 0;
        ulong one = whenOne ? ulong.MaxValue : 0;
        for (int i = 0; i < Bitmap.WordCount(count); i++)
        {
            ulong l = left.IsEmpty ? ulong.MaxValue : left[i];
            ulong r = right.IsEmpty ? ulong.MaxValue : right[i];
            words[i] = (words[i] & l & r) | (both & ~(l | r)) | (one & (l ^ r));
        }
    }
}
