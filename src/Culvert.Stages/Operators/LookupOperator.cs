using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Joins rows with a static table, which is laid out as columns once.</summary>
internal sealed class LookupOperator : Operator
{
    private readonly LookupNode _node;
    private readonly Kernel _key;
    private readonly KeyCodec _codec;
    private readonly Column[] _values;
    private readonly int _absent; // the row of _values that is all missing
    private readonly Dictionary<ulong, List<(byte[] Key, int Row)>> _rows = [];
    private readonly ByteBuffer _encoded = new();
    private int[] _found = [];
    private int[] _kept = [];

    internal LookupOperator(LookupNode node)
    {
        _node = node;
        _key = Kernel.Compile(node.Key);
        ColumnType keyType = node.Table.Key with { Nullable = false };
        _codec = KeyCodec.Create(keyType);
        ColumnBuilder keys = ColumnBuilder.Create(keyType);
        ColumnBuilder[] values = [.. node.Table.Values.Fields.Select(f => ColumnBuilder.Create(f.Type.AsNullable()))];
        foreach (KeyValuePair<object, object?[]> row in node.Table.Rows)
        {
            keys.AppendObject(row.Key);
            for (int i = 0; i < values.Length; i++)
            {
                values[i].AppendObject(row.Value[i]);
            }
        }

        foreach (ColumnBuilder value in values)
        {
            value.AppendNull();
        }

        _absent = node.Table.Rows.Count;
        _values = [.. values.Select(v => v.Build())];
        using Column built = keys.Build();
        for (int row = 0; row < built.Count; row++)
        {
            ReadOnlySpan<byte> key = Encode(built, row);
            ulong hash = StateHash.Of(key);
            if (!_rows.TryGetValue(hash, out List<(byte[], int)>? same))
            {
                _rows[hash] = same = [];
            }

            same.Add((key.ToArray(), row));
        }
    }

    internal override void Process(int input, Batch batch)
    {
        Grow(batch.Count);
        int count = 0;
        Column keys;
        try
        {
            keys = _key.Evaluate(batch);
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        FindAll(keys, batch.Count);
        keys.Dispose();
        for (int row = 0; row < batch.Count; row++)
        {
            if (_found[row] != _absent || _node.KeepUnmatched)
            {
                _found[count] = _found[row];
                _kept[count++] = row;
            }
        }

        Batch joined = Join(batch, count);
        batch.Dispose();
        int[] kept = _kept;
        try
        {
            Emit(joined);
        }
        catch (RowFailedException failure) when (Translate(failure, kept.AsSpan(0, count)))
        {
            throw;
        }
    }

    private Batch Join(Batch batch, int count)
    {
        int before = batch.Schema.Count;
        Column[] columns = new Column[before + _values.Length];
        for (int i = 0; i < before; i++)
        {
            columns[i] = count == batch.Count ? batch[i].Retain() : batch[i].Gather(_kept.AsSpan(0, count));
        }

        for (int i = 0; i < _values.Length; i++)
        {
            columns[before + i] = _values[i].Gather(_found.AsSpan(0, count));
        }

        return new Batch(_node.Schema, columns, count);
    }

    /// <summary>Finds the table's row of each key; a dictionary's entries are looked up once each.</summary>
    private void FindAll(Column keys, int count)
    {
        if (keys is DictionaryColumn coded)
        {
            int[] byCode = new int[coded.Dictionary.Count];
            for (int code = 0; code < byCode.Length; code++)
            {
                byCode[code] = Find(coded.Dictionary, code);
            }

            for (int row = 0; row < count; row++)
            {
                _found[row] = coded.IsNull(row) ? _absent : byCode[coded.Codes[row]];
            }

            return;
        }

        for (int row = 0; row < count; row++)
        {
            _found[row] = keys.IsNull(row) ? _absent : Find(keys, row);
        }
    }

    private int Find(Column keys, int row)
    {
        ReadOnlySpan<byte> key = Encode(keys, row);
        if (_rows.TryGetValue(StateHash.Of(key), out List<(byte[] Key, int Row)>? same))
        {
            foreach ((byte[] candidate, int found) in same)
            {
                if (key.SequenceEqual(candidate))
                {
                    return found;
                }
            }
        }

        return _absent;
    }

    private ReadOnlySpan<byte> Encode(Column keys, int row)
    {
        _encoded.Clear();
        _codec.Encode(keys, row, _encoded);
        return _encoded.Span;
    }

    private void Grow(int count)
    {
        if (_found.Length < count)
        {
            _found = new int[count];
            _kept = new int[count];
        }
    }

    private protected override void Release()
    {
        foreach (Column column in _values)
        {
            column.Dispose();
        }
    }
}
