using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// Gathers rows into row groups and encodes their columns (docs/specs/column.md). One builder makes one group after another.
/// Not thread safe.
/// </summary>
public sealed class RowGroupBuilder : IDisposable
{
    /// <summary>Bytes of one value at most.</summary>
    public const int ValueBytesMax = 128 << 20;

    private readonly Schema _schema;
    private readonly int _rowsMax;
    private readonly ColumnGatherer[] _columns;
    private bool _full;

    /// <summary>Makes a builder of groups of at most <paramref name="rowsMax"/> rows, 1 to 1,048,576; state columns are refused.</summary>
    public RowGroupBuilder(Schema schema, int rowsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowsMax, ColumnCodec.RowsMax);
        (_schema, _rowsMax) = (schema, rowsMax);
        _columns = [.. schema.Fields.Select(f => ColumnGatherer.Create(f.Type, rowsMax))];
    }

    /// <summary>Rows gathered.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the group takes no more rows: it has as many as it may, or its texts are large.</summary>
    public bool IsFull => _full || Rows == _rowsMax;

    /// <summary>
    /// Takes rows of a batch from <paramref name="start"/> on, and tells how many: fewer than there are when the group is full.
    /// The batch stays the caller's. A value longer than <see cref="ValueBytesMax"/> throws <see cref="RowFailedException"/>.
    /// </summary>
    public int Append(Batch batch, int start)
    {
        Invariant.Holds(batch.Schema.Count == _schema.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)batch.Count, nameof(start));
        int count = IsFull ? 0 : Math.Min(batch.Count - start, _rowsMax - Rows);
        int fitting = count;
        for (int c = 0; c < _columns.Length; c++)
        {
            fitting = _columns[c].RowsThatFit(batch[c], start, fitting);
        }

        if (fitting < count)
        {
            _full = true;
            fitting = fitting == 0 && Rows == 0 ? 1 : fitting;
            CheckRow(batch, start);
        }

        if (fitting > 0)
        {
            for (int c = 0; c < _columns.Length; c++)
            {
                _columns[c].Append(batch[c], start, fitting);
            }

            Rows += fitting;
        }

        return fitting;
    }

    /// <summary>The columns of the rows gathered, in the schema's order; valid until <see cref="Clear"/>.</summary>
    public ImmutableArray<EncodedColumn> Encode() => [.. _columns.Select(c => c.Encode())];

    /// <summary>Begins another group.</summary>
    public void Clear()
    {
        foreach (ColumnGatherer column in _columns)
        {
            column.Clear();
        }

        (Rows, _full) = (0, false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ColumnGatherer column in _columns)
        {
            column.Dispose();
        }
    }

    private void CheckRow(Batch batch, int row)
    {
        for (int c = 0; c < _columns.Length; c++)
        {
            if (batch[c] is BytesColumn texts && texts.GetBytes(row).Length > ValueBytesMax)
            {
                throw new RowFailedException(row, $"the column '{_schema[c].Name}' has a value of {texts.GetBytes(row).Length} bytes, and at most {ValueBytesMax} can be sealed");
            }
        }
    }
}
