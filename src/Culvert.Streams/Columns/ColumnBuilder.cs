namespace Culvert.Streams;

/// <summary>
/// Builds a column value by value, where the number of rows is not known beforehand. One builder makes one column after
/// another: <see cref="Build"/> hands over what was appended and starts again. Not thread safe.
/// </summary>
public abstract class ColumnBuilder(ColumnType type, ColumnPool pool)
{
    private ulong[]? _validity;

    /// <summary>The type of the column that is built.</summary>
    public ColumnType Type { get; } = type;

    /// <summary>Values appended.</summary>
    public int Count { get; private protected set; }

    private protected ColumnPool Pool { get; } = pool;

    /// <summary>A builder for a type other than <see cref="ValueKind.State"/>.</summary>
    public static ColumnBuilder Create(ColumnType type, ColumnPool? pool = null)
    {
        pool ??= ColumnPool.Shared;
        return type.IsBytes
            ? new TextColumnBuilder(type, pool)
            : ValueKinds.Visit(type.Kind, new Maker(type, pool));
    }

    /// <summary>Appends a missing value.</summary>
    public void AppendNull()
    {
        int row = Count;
        AppendDefault();
        int words = Bitmap.WordCount(row + 1);
        if (_validity is null)
        {
            _validity = Pool.Rent<ulong>(Math.Max(words, 16));
            _validity.AsSpan().Fill(ulong.MaxValue);
        }
        else if (words > _validity.Length)
        {
            ulong[] larger = Pool.Rent<ulong>(words * 2);
            larger.AsSpan().Fill(ulong.MaxValue);
            _validity.CopyTo(larger, 0);
            Pool.Return(_validity);
            _validity = larger;
        }

        Bitmap.Clear(_validity, row);
    }

    /// <summary>Appends row <paramref name="row"/> of a column of the same kind.</summary>
    public abstract void AppendFrom(Column column, int row);

    /// <summary>Appends a value as <see cref="Column.GetValue"/> gives it; null appends a missing value.</summary>
    public abstract void AppendObject(object? value);

    /// <summary>The column of what was appended; the builder is empty afterwards.</summary>
    public abstract Column Build();

    private protected abstract void AppendDefault();

    /// <summary>Takes the validity bitmap over <see cref="Count"/> rows, or null when no value is missing.</summary>
    private protected ulong[]? TakeValidity()
    {
        ulong[]? words = _validity;
        _validity = null;
        if (words is null)
        {
            return null;
        }

        int needed = Bitmap.WordCount(Count);
        if (needed > words.Length)
        {
            ulong[] larger = Pool.Rent<ulong>(needed);
            larger.AsSpan().Fill(ulong.MaxValue);
            words.CopyTo(larger, 0);
            Pool.Return(words);
            words = larger;
        }

        if ((Count & 63) != 0)
        {
            words[Count >> 6] &= (1UL << (Count & 63)) - 1;
        }

        return words;
    }

    private sealed class Maker(ColumnType type, ColumnPool pool) : IValueKindVisitor<ColumnBuilder>
    {
        public ColumnBuilder Visit<T>()
            where T : unmanaged => new FixedColumnBuilder<T>(type, pool);
    }
}
