namespace Culvert.Streams;

/// <summary>
/// The values of one field over the rows of a batch. Immutable once built, and counted: whoever keeps a column calls
/// <see cref="Retain"/> and later <see cref="Dispose"/>; the arrays go back to their pool with the last reference.
/// Reading is thread safe.
/// </summary>
public abstract class Column : IDisposable
{
    private int _references = 1;

    private protected Column(ColumnType type, int count, ulong[]? validity, ColumnPool pool)
    {
        Type = type;
        Count = count;
        ValidityWords = validity;
        Pool = pool;
    }

    /// <summary>Kind and nullability.</summary>
    public ColumnType Type { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>True when no row is missing a value for certain (there is no bitmap to look at).</summary>
    public bool AllValid => ValidityWords is null;

    /// <summary>A bit per row, set where there is a value; empty when all rows have one. Where a bit is clear the stored value is default.</summary>
    public ReadOnlySpan<ulong> Validity => ValidityWords is null ? default : ValidityWords.AsSpan(0, Bitmap.WordCount(Count));

    internal ulong[]? ValidityWords { get; private set; }

    internal ColumnPool Pool { get; }

    /// <summary>The values as they lie in memory; for fixed-size values only.</summary>
    internal virtual ReadOnlySpan<byte> ValueBytes => throw new InvalidOperationException($"{Type} has no fixed size");

    /// <summary>Whether the row has no value.</summary>
    public bool IsNull(int row) => ValidityWords is not null && !Bitmap.Get(ValidityWords, row);

    /// <summary>A new column of the given rows of this one, in the order given; rows may repeat.</summary>
    public abstract Column Gather(ReadOnlySpan<int> rows);

    /// <summary>The value as an object: null, a number, a string for text (invalid UTF-8 becomes U+FFFD), a byte[] for bytes. For people and tests, not for the hot path.</summary>
    public abstract object? GetValue(int row);

    /// <summary>Adds a reference and returns this column.</summary>
    public Column Retain()
    {
        Invariant.Holds(Interlocked.Increment(ref _references) > 1);
        return this;
    }

    /// <summary>Gives up a reference.</summary>
    public void Dispose()
    {
        int left = Interlocked.Decrement(ref _references);
        Invariant.Holds(left >= 0);
        if (left == 0)
        {
            ReturnArrays();
            if (ValidityWords is { } words)
            {
                ValidityWords = null;
                Pool.Return(words);
            }
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void ReturnArrays();

    /// <summary>The validity bitmap for gathered rows, or null when all rows have values.</summary>
    private protected ulong[]? GatherValidity(ReadOnlySpan<int> rows)
    {
        if (ValidityWords is null)
        {
            return null;
        }

        int wordCount = Bitmap.WordCount(rows.Length);
        ulong[] words = Pool.Rent<ulong>(wordCount);
        ulong[] source = ValidityWords;
        for (int w = 0; w < wordCount; w++)
        {
            ulong bits = 0;
            int start = w << 6;
            int end = Math.Min(start + 64, rows.Length);
            for (int i = start; i < end; i++)
            {
                int row = rows[i];
                bits |= (source[row >> 6] >> (row & 63) & 1) << (i - start);
            }

            words[w] = bits;
        }

        return words;
    }
}
