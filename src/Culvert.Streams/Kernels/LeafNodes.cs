namespace Culvert.Streams.Kernels;

/// <summary>A column as it is, shared and not copied.</summary>
internal sealed class ColumnNode(int index) : KernelNode
{
    internal override Column Evaluate(in Frame frame) => frame.Column(index).Retain();
}

/// <summary>A column of booleans, as bits.</summary>
internal sealed class BoolColumnNode(int index) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        FixedColumn<bool> column = (FixedColumn<bool>)frame.Column(index);
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        BitLoops.FromBools(column.Values, words);
        return new MaskColumn(words, frame.Count, BitLoops.And(column.Validity, default, frame.Count, frame.Pool), frame.Pool);
    }
}

/// <summary>One value for all rows, where no operator takes it as a constant; null is a column without values.</summary>
internal sealed class ConstantNode<T>(ColumnType type, T? value) : KernelNode
    where T : unmanaged
{
    internal override Column Evaluate(in Frame frame)
    {
        T[] values = frame.Pool.Rent<T>(frame.Count);
        values.AsSpan(0, frame.Count).Fill(value.GetValueOrDefault());
        return new FixedColumn<T>(type, values, frame.Count, value is null ? Nothing(frame) : null, frame.Pool);
    }

    internal static ulong[] Nothing(in Frame frame)
    {
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        words.AsSpan(0, Bitmap.WordCount(frame.Count)).Clear();
        return words;
    }
}

/// <summary>A boolean for all rows, or null.</summary>
internal sealed class ConstantMaskNode(bool? value) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        ulong[] words = frame.Pool.Rent<ulong>(Bitmap.WordCount(frame.Count));
        words.AsSpan(0, Bitmap.WordCount(frame.Count)).Fill(value == true ? ulong.MaxValue : 0);
        return new MaskColumn(words, frame.Count, value is null ? ConstantNode<bool>.Nothing(frame) : null, frame.Pool);
    }
}

/// <summary>One text for all rows, or null, as a dictionary of one.</summary>
internal sealed class ConstantTextNode(ColumnType type, byte[]? value) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        int[] codes = frame.Pool.Rent<int>(frame.Count);
        codes.AsSpan(0, frame.Count).Clear();
        byte[] data = frame.Pool.Rent<byte>(value?.Length ?? 0);
        value?.CopyTo(data, 0);
        int[] offsets = frame.Pool.Rent<int>(2);
        (offsets[0], offsets[1]) = (0, value?.Length ?? 0);
        TextColumn dictionary = new(type with { Nullable = false }, offsets, data, 1, null, frame.Pool);
        return new DictionaryColumn(type, codes, dictionary, frame.Count, value is null ? ConstantNode<int>.Nothing(frame) : null, frame.Pool);
    }
}
