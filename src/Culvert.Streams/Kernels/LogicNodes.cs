namespace Culvert.Streams.Kernels;

/// <summary>Not; null stays null.</summary>
internal sealed class NotNode(KernelNode operand) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using MaskColumn input = (MaskColumn)operand.Evaluate(frame);
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        Span<ulong> source = input.Words;
        for (int i = 0; i < source.Length; i++)
        {
            words[i] = ~source[i];
        }

        return new MaskColumn(words, frame.Count, BitLoops.And(input.Validity, default, frame.Count, frame.Pool), frame.Pool);
    }
}

/// <summary>Which two-valued function of booleans.</summary>
internal enum LogicOperator
{
    And,
    Or,
    Xor,
    Equal,
    Unequal,
}

/// <summary>
/// And, or (three-valued), xor, == and != of booleans. With <paramref name="isLazy"/> the right side may fail only in rows
/// where the left does not decide.
/// </summary>
internal sealed class LogicNode(LogicOperator op, KernelNode left, KernelNode right, bool isLazy) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using MaskColumn a = (MaskColumn)left.Evaluate(frame);
        ulong[]? open = isLazy ? Undecided(a, frame) : null;
        using MaskColumn b = Right(frame, open);
        int length = Bitmap.WordCount(frame.Count);
        ulong[] words = frame.Pool.Rent<ulong>(length);
        bool hasNulls = !a.AllValid || !b.AllValid;
        ulong[]? validity = hasNulls && op <= LogicOperator.Xor ? frame.Pool.Rent<ulong>(length) : null;
        Span<ulong> x = a.Words, y = b.Words;
        for (int i = 0; i < length; i++)
        {
            ulong l = a.AllValid ? ulong.MaxValue : a.Validity[i];
            ulong r = b.AllValid ? ulong.MaxValue : b.Validity[i];
            ulong p = x[i] & l, q = y[i] & r;
            (words[i], ulong valid) = op switch
            {
                LogicOperator.And => (p & q, (l & r) | (l & ~p) | (r & ~q)),
                LogicOperator.Or => (p | q, (l & r) | p | q),
                LogicOperator.Xor => (p ^ q, l & r),
                LogicOperator.Equal => (~(p ^ q) & ~(l ^ r), 0UL),
                _ => ((p ^ q) | (l ^ r), 0UL),
            };
            if (validity is not null)
            {
                validity[i] = valid & BitLoops.Full(i, frame.Count);
            }
        }

        return new MaskColumn(words, frame.Count, validity, frame.Pool);
    }

    private MaskColumn Right(in Frame frame, ulong[]? open)
    {
        if (open is null)
        {
            return (MaskColumn)right.Evaluate(frame);
        }

        try
        {
            return (MaskColumn)right.Evaluate(frame.With(open.AsSpan(0, Bitmap.WordCount(frame.Count))));
        }
        finally
        {
            frame.Pool.Return(open);
        }
    }

    private ulong[] Undecided(MaskColumn a, in Frame frame)
    {
        int length = Bitmap.WordCount(frame.Count);
        ulong[] open = frame.Pool.Rent<ulong>(length);
        Span<ulong> x = a.Words;
        for (int i = 0; i < length; i++)
        {
            ulong valid = a.AllValid ? ulong.MaxValue : a.Validity[i];
            ulong decided = op == LogicOperator.And ? valid & ~x[i] : valid & x[i];
            open[i] = ~decided & (frame.Active.IsEmpty ? ulong.MaxValue : frame.Active[i]);
        }

        return open;
    }
}

/// <summary>Whether a value is missing, or is not.</summary>
internal sealed class NullTestNode(KernelNode operand, bool whenMissing) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        using Column input = operand.Evaluate(frame);
        int length = Bitmap.WordCount(frame.Count);
        ulong[] words = frame.Pool.Rent<ulong>(length);
        for (int i = 0; i < length; i++)
        {
            ulong valid = input.AllValid ? ulong.MaxValue : input.Validity[i];
            words[i] = whenMissing ? ~valid : valid;
        }

        return new MaskColumn(words, frame.Count, null, frame.Pool);
    }
}

/// <summary>The value itself; fails active rows where it is missing.</summary>
internal sealed class ValueNode(KernelNode operand, FailureSite site) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        Column input = operand.Evaluate(frame);
        ReadOnlySpan<ulong> validity = input.Validity;
        for (int i = 0; i < validity.Length; i++)
        {
            ulong missing = ~validity[i] & (frame.Active.IsEmpty ? ulong.MaxValue : frame.Active[i]) & BitLoops.Full(i, frame.Count);
            if (missing != 0)
            {
                input.Dispose();
                throw site.Fail((i << 6) + System.Numerics.BitOperations.TrailingZeroCount(missing), "a missing value");
            }
        }

        return input;
    }
}
