namespace Culvert.Streams;

/// <summary>A static table whose rows are .NET values: made by <c>Source.Table</c>, used by <c>Lookup</c>.</summary>
public sealed class LookupTable<TKey, TValue>
{
    /// <summary>A column that every row has: where it is missing after a left join, there was no row.</summary>
    internal const string MatchedColumn = "$matched";

    internal LookupTable(string name, IEnumerable<KeyValuePair<TKey, TValue>> rows)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        RowShape<TKey> key = RowShape<TKey>.Instance;
        if (!key.IsValue)
        {
            throw new JobDefinitionException($"the table '{name}' has {RowShapeReflection.NameOf(typeof(TKey))} for a key: a key is one value");
        }

        RowWriter<TKey> keys = new();
        RowWriter<TValue> values = new();
        foreach (KeyValuePair<TKey, TValue> row in rows)
        {
            if (row.Key is null || row.Value is null)
            {
                throw new JobDefinitionException($"row {keys.Count} of the table '{name}' is null: leave it out");
            }

            if (keys.Count == LookupTable.RowsMax)
            {
                throw new JobDefinitionException($"the table '{name}' has more than {LookupTable.RowsMax:N0} rows: join two streams instead");
            }

            keys.Append(row.Key);
            values.Append(row.Value);
        }

        Prefix = name + ".";
        Schema schema = new([
            .. RowShape<TValue>.Instance.Schema.Fields.Select(f => f with { Name = Prefix + f.Name }),
            new Field(Prefix + MatchedColumn, new ColumnType(ValueKind.Bool)),
        ]);
        using Batch keyBatch = keys.Build();
        using Batch valueBatch = values.Build();
        KeyValuePair<object, object?[]>[] made = new KeyValuePair<object, object?[]>[keyBatch.Count];
        for (int row = 0; row < made.Length; row++)
        {
            made[row] = new KeyValuePair<object, object?[]>(keyBatch[0].GetValue(row)!, [.. valueBatch.GetRow(row), true]);
        }

        try
        {
            Table = new LookupTable(name, key.Schema[0].Type with { Nullable = false }, schema, made);
        }
        catch (ArgumentException e)
        {
            throw new JobDefinitionException(e.Message, e);
        }
    }

    /// <summary>The table as plans hold it.</summary>
    public LookupTable Table { get; }

    internal string Prefix { get; }
}
