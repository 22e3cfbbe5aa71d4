namespace Culvert.Streams.Kernels;

/// <summary>
/// A part of an expression that looks at one text column only. Over a dictionary column it is evaluated once per entry
/// and once for a missing value, and rows look their result up by code; else row by row.
/// </summary>
internal sealed class DictionaryNode(KernelNode inner, int index) : KernelNode
{
    internal override Column Evaluate(in Frame frame)
    {
        if (frame.IsSubstituted || frame.Column(index) is not DictionaryColumn column || column.Dictionary.Count >= frame.Count)
        {
            return inner.Evaluate(frame);
        }

        try
        {
            return Map(column, frame);
        }
        catch (RowFailedException)
        {
            // An entry fails, or the missing value does; whether a row that matters has it is for the rows to say.
            return inner.Evaluate(frame);
        }
    }

    private Column Map(DictionaryColumn column, in Frame frame)
    {
        using TextColumn entries = WithMissingEntry(column, frame.Pool);
        using Column results = inner.Evaluate(new Frame(default, entries.Count, default, frame.Pool, entries));
        if (column.AllValid)
        {
            return results.Gather(column.Codes);
        }

        int[] codes = frame.Pool.Rent<int>(frame.Count);
        for (int i = 0; i < frame.Count; i++)
        {
            codes[i] = column.IsNull(i) ? entries.Count - 1 : column.Codes[i];
        }

        Column gathered = results.Gather(codes.AsSpan(0, frame.Count));
        frame.Pool.Return(codes);
        return gathered;
    }

    /// <summary>The entries, and a missing one behind them when the column has missing rows.</summary>
    private static TextColumn WithMissingEntry(DictionaryColumn column, ColumnPool pool)
    {
        TextColumn dictionary = column.Dictionary;
        if (column.AllValid)
        {
            return (TextColumn)dictionary.Retain();
        }

        int count = dictionary.Count;
        int[] offsets = pool.Rent<int>(count + 2);
        dictionary.Offsets.CopyTo(offsets);
        offsets[count + 1] = offsets[count];
        byte[] data = pool.Rent<byte>(dictionary.Data.Length);
        dictionary.Data.CopyTo(data);
        ulong[] validity = pool.Rent<ulong>(Bitmap.WordCount(count + 1));
        Bitmap.SetAll(validity, count + 1);
        Bitmap.Clear(validity, count);
        return new TextColumn(column.Type, offsets, data, count + 1, validity, pool);
    }
}
