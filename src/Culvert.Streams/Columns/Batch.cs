namespace Culvert.Streams;

/// <summary>
/// The unit of work inside a trusted place: some rows of a stream as columns. A batch owns one reference to each of its
/// columns and gives them up when disposed; it is itself counted like a column, so that several receivers can share it.
/// </summary>
public sealed class Batch : IDisposable
{
    private readonly Column[] _columns;
    private int _references = 1;

    /// <summary>Makes a batch that takes over the caller's reference to each column; all have <paramref name="count"/> rows.</summary>
    public Batch(Schema schema, Column[] columns, int count)
    {
        Invariant.Holds(columns.Length == schema.Count);
        foreach (Column column in columns)
        {
            Invariant.Holds(column.Count == count);
        }

        Schema = schema;
        _columns = columns;
        Count = count;
    }

    /// <summary>The fields.</summary>
    public Schema Schema { get; }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>The columns, as the schema orders them.</summary>
    public ReadOnlySpan<Column> Columns => _columns;

    /// <summary>The column at an index.</summary>
    public Column this[int index] => _columns[index];

    /// <summary>The fixed-size column at an index; asking for the wrong type is a programming error.</summary>
    public FixedColumn<T> Fixed<T>(int index)
        where T : unmanaged => (FixedColumn<T>)_columns[index];

    /// <summary>The text or bytes column at an index.</summary>
    public BytesColumn Text(int index) => (BytesColumn)_columns[index];

    /// <summary>A batch of the given rows of this one.</summary>
    public Batch Gather(ReadOnlySpan<int> rows)
    {
        Column[] columns = new Column[_columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = _columns[i].Gather(rows);
        }

        return new Batch(Schema, columns, rows.Length);
    }

    /// <summary>A row as objects, for people and tests.</summary>
    public object?[] GetRow(int row)
    {
        object?[] values = new object?[_columns.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _columns[i].GetValue(row);
        }

        return values;
    }

    /// <summary>Adds a reference and returns this batch.</summary>
    public Batch Retain()
    {
        Invariant.Holds(Interlocked.Increment(ref _references) > 1);
        return this;
    }

    /// <summary>Gives up a reference; the last one gives up the columns.</summary>
    public void Dispose()
    {
        int left = Interlocked.Decrement(ref _references);
        Invariant.Holds(left >= 0);
        if (left == 0)
        {
            foreach (Column column in _columns)
            {
                column.Dispose();
            }
        }
    }
}
