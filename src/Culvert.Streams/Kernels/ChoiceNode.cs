namespace Culvert.Streams.Kernels;

/// <summary>One of two values per row. Each side may fail only in the rows that take it.</summary>
internal abstract class ChoiceNode(ColumnType type, bool canFail) : KernelNode
{
    internal sealed override Column Evaluate(in Frame frame)
    {
        int length = Bitmap.WordCount(frame.Count);
        ulong[] chosen = frame.Pool.Rent<ulong>(length);
        ulong[] active = frame.Pool.Rent<ulong>(length);
        try
        {
            using Column first = First(frame, chosen.AsSpan(0, length), active.AsSpan(0, length));
            for (int i = 0; i < length; i++)
            {
                active[i] = ~chosen[i] & (frame.Active.IsEmpty ? ulong.MaxValue : frame.Active[i]);
            }

            using Column second = canFail ? Second(frame.With(active.AsSpan(0, length))) : Second(frame);
            return Blend.Columns(type, chosen.AsSpan(0, length), first, second, frame);
        }
        finally
        {
            frame.Pool.Return(chosen);
            frame.Pool.Return(active);
        }
    }

    /// <summary>The first side, and in <paramref name="chosen"/> the rows that take it; <paramref name="active"/> is for use on the way.</summary>
    private protected abstract Column First(in Frame frame, Span<ulong> chosen, Span<ulong> active);

    private protected abstract Column Second(in Frame frame);
}

/// <summary>The second value where the test is true, else the third.</summary>
internal sealed class ConditionalNode(ColumnType type, KernelNode test, KernelNode whenTrue, KernelNode whenFalse, bool canFail)
    : ChoiceNode(type, canFail)
{
    private readonly bool _canFail = canFail;

    private protected override Column First(in Frame frame, Span<ulong> chosen, Span<ulong> active)
    {
        using MaskColumn mask = (MaskColumn)test.Evaluate(frame);
        Span<ulong> words = mask.Words;
        for (int i = 0; i < words.Length; i++)
        {
            chosen[i] = words[i] & (mask.AllValid ? ulong.MaxValue : mask.Validity[i]);
            active[i] = chosen[i] & (frame.Active.IsEmpty ? ulong.MaxValue : frame.Active[i]);
        }

        return _canFail ? whenTrue.Evaluate(frame.With(active)) : whenTrue.Evaluate(frame);
    }

    private protected override Column Second(in Frame frame) => whenFalse.Evaluate(frame);
}

/// <summary>The first value, or the second where that is missing.</summary>
internal sealed class CoalesceNode(ColumnType type, KernelNode left, KernelNode right, bool canFail) : ChoiceNode(type, canFail)
{
    private protected override Column First(in Frame frame, Span<ulong> chosen, Span<ulong> active)
    {
        Column column = left.Evaluate(frame);
        if (column.AllValid)
        {
            chosen.Fill(ulong.MaxValue);
        }
        else
        {
            column.Validity.CopyTo(chosen);
        }

        return column;
    }

    private protected override Column Second(in Frame frame) => right.Evaluate(frame);
}
