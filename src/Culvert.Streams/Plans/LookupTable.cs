namespace Culvert.Streams;

/// <summary>A static table: distinct keys, and a row of values for each. Rows are objects as <see cref="Batch.GetRow"/> gives them.</summary>
public sealed class LookupTable
{
    /// <summary>More rows than this are refused: a table is part of the plan and lives in every partition.</summary>
    public const int RowsMax = 1_000_000;

    /// <summary>Makes a table; a key that occurs twice is refused with <see cref="ArgumentException"/>.</summary>
    public LookupTable(string name, ColumnType key, Schema values, IReadOnlyList<KeyValuePair<object, object?[]>> rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Count, RowsMax);
        HashSet<object> seen = [];
        foreach (KeyValuePair<object, object?[]> row in rows)
        {
            if (!seen.Add(row.Key))
            {
                throw new ArgumentException($"the key '{row.Key}' occurs twice in the table '{name}'", nameof(rows));
            }
        }

        (Name, Key, Values, Rows) = (name, key, values, rows);
    }

    /// <summary>For messages and <c>plan</c>.</summary>
    public string Name { get; }

    /// <summary>The key's type, without nullability.</summary>
    public ColumnType Key { get; }

    /// <summary>The other columns.</summary>
    public Schema Values { get; }

    /// <summary>Key and values, in the order given.</summary>
    public IReadOnlyList<KeyValuePair<object, object?[]>> Rows { get; }
}
