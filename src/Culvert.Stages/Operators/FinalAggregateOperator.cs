using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Merges states per key over the whole stream; the results come out at its end, in the order of the keys.</summary>
internal sealed class FinalAggregateOperator : Operator
{
    internal const int RowsPerBatch = 8192;

    private readonly AggregateNode _node;
    private readonly AggregateStates _states;
    private readonly KeyTable _keys;
    private readonly GroupTable _groups;

    internal FinalAggregateOperator(AggregateNode node, StateBudget? budget = null)
    {
        _node = node;
        _states = new AggregateStates(node.Aggregates);
        _keys = new KeyTable([.. node.Keys.Select(k => k.Value.Type)]);
        _groups = new GroupTable(_states, _keys, node.IsOrderFree, budget);
    }

    internal override IEnumerable<(string Name, StateTable Table)> Tables => _groups.Tables;

    internal override void Adopt(string name, StateTable table)
    {
        if (!_groups.TryAdopt(name, table))
        {
            base.Adopt(name, table);
        }
    }

    internal override void Process(int input, Batch batch)
    {
        _groups.Merge(batch, _node.Keys.Length);
        batch.Dispose();
    }

    internal override void Finish(Round round)
    {
        StateTable table = _groups.Settle();
        if (table.Count == 0 && _node.Keys.IsEmpty)
        {
            EmitEmpty();
            return;
        }

        ColumnBuilder[] builders = [.. _node.Schema.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        int rows = 0;
        foreach (SortedEntries entries in KeyTable.Sort(table))
        {
            for (int i = 0; i < entries.Count; i++)
            {
                _keys.Decode(entries.Key(i), builders);
                _states.Finish(entries.Value(i), builders, _node.Keys.Length);
                rows++;
                // Wherever pieces end, batches have the same rows: what leaves does not depend on the budget.
                if (rows == RowsPerBatch)
                {
                    Emit(new Batch(_node.Schema, [.. builders.Select(b => b.Build())], rows));
                    rows = 0;
                }
            }
        }

        if (rows > 0)
        {
            Emit(new Batch(_node.Schema, [.. builders.Select(b => b.Build())], rows));
        }

        table.Clear();
    }

    private protected override void Release() => _groups.Dispose();

    /// <summary>An aggregate over everything has a result for nothing as well, where all its functions have one.</summary>
    private void EmitEmpty()
    {
        ColumnBuilder[] builders = [.. _node.Schema.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        for (int a = 0; a < builders.Length; a++)
        {
            _states.Accumulators[a].FinishEmpty(builders[a]);
        }

        Column[] columns = [.. builders.Select(b => b.Build())];
        for (int a = 0; a < columns.Length; a++)
        {
            if (columns[a].IsNull(0) && !_node.Schema[a].Type.Nullable)
            {
                throw new StageFailedException($"the {_node.Aggregates[a].Function} of '{_node.Aggregates[a].Name}' is over no events at all, and has no value");
            }
        }

        Emit(new Batch(_node.Schema, columns, 1));
    }
}
