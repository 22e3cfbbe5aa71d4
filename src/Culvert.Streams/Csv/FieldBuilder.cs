namespace Culvert.Streams;

/// <summary>Parses one wanted column, run by run, into the column of the batch at hand. Holds pooled arrays until it is disposed.</summary>
internal abstract class FieldBuilder : IDisposable
{
    private ulong[]? _validity;

    private protected FieldBuilder(ColumnType type, MissingValues missing, ColumnPool pool, int capacity)
    {
        Type = type;
        Missing = missing;
        Pool = pool;
        Capacity = capacity;
    }

    public ColumnType Type { get; }

    protected MissingValues Missing { get; }

    protected ColumnPool Pool { get; }

    /// <summary>Rows that the batch can take.</summary>
    protected int Capacity { get; }

    /// <summary>Parses a run into the rows from <paramref name="row"/> on; a field that does not fit is added to the run's faults and reads as default.</summary>
    public abstract void Read(in FieldRun run, int row);

    /// <summary>The column of the first <paramref name="rows"/> rows; begins the next.</summary>
    public abstract Column Finish(int rows);

    /// <summary>Gives the arrays back.</summary>
    public void Dispose()
    {
        if (TakeValidity(0) is { } words)
        {
            Pool.Return(words);
        }

        ReturnArrays();
    }

    /// <summary>The kind of builder that a type needs.</summary>
    public static FieldBuilder Create(ColumnType type, MissingValues missing, ColumnPool pool, int capacity) => type.Kind switch
    {
        ValueKind.Bool => new ParsedBuilder<bool, BoolParser>(type, missing, pool, capacity),
        ValueKind.Int8 => new IntegerBuilder<sbyte>(type, missing, pool, capacity),
        ValueKind.UInt8 => new IntegerBuilder<byte>(type, missing, pool, capacity),
        ValueKind.Int16 => new IntegerBuilder<short>(type, missing, pool, capacity),
        ValueKind.UInt16 => new IntegerBuilder<ushort>(type, missing, pool, capacity),
        ValueKind.Int32 => new IntegerBuilder<int>(type, missing, pool, capacity),
        ValueKind.UInt32 => new IntegerBuilder<uint>(type, missing, pool, capacity),
        ValueKind.Int64 => new IntegerBuilder<long>(type, missing, pool, capacity),
        ValueKind.UInt64 => new IntegerBuilder<ulong>(type, missing, pool, capacity),
        ValueKind.Float32 => new ParsedBuilder<float, Float32Parser>(type, missing, pool, capacity),
        ValueKind.Float64 => new ParsedBuilder<double, Float64Parser>(type, missing, pool, capacity),
        ValueKind.Decimal => new ParsedBuilder<decimal, DecimalParser>(type, missing, pool, capacity),
        ValueKind.DateTime => new ParsedBuilder<DateTime, DateTimeParser>(type, missing, pool, capacity),
        ValueKind.DateTimeOffset => new ParsedBuilder<DateTimeOffset, DateTimeOffsetParser>(type, missing, pool, capacity),
        ValueKind.TimeSpan => new ParsedBuilder<TimeSpan, TimeSpanParser>(type, missing, pool, capacity),
        ValueKind.Text or ValueKind.Bytes => new TextBuilder(type, missing, pool, capacity),
        _ => throw new ArgumentException($"a column of a CSV file cannot be of type {type}"),
    };

    protected void SetMissing(int row)
    {
        if (_validity is null)
        {
            _validity = Pool.Rent<ulong>(Bitmap.WordCount(Capacity));
            Bitmap.SetAll(_validity, Capacity);
        }

        Bitmap.Clear(_validity, row);
    }

    /// <summary>The bitmap of the batch, its unused bits clear, or null when nothing is missing.</summary>
    protected ulong[]? TakeValidity(int rows)
    {
        ulong[]? words = _validity;
        _validity = null;
        if (words is not null && (rows & 63) != 0)
        {
            words[rows >> 6] &= (1UL << (rows & 63)) - 1;
        }

        return words;
    }

    protected abstract void ReturnArrays();
}
