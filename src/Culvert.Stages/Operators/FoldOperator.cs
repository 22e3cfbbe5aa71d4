using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Runs user code with a state per key. Between rounds the states are bytes in a table; a key's state is loaded when it
/// is first met in a round and saved at the round's end.
/// </summary>
internal sealed class FoldOperator : Operator
{
    private const string TableName = "states";

    /// <summary>More groups than this are saved before the round ends, so that a round of many keys needs bounded memory.</summary>
    private const int GroupsMax = 1 << 16;

    private readonly FoldNode _node;
    private readonly Schema _input;
    private readonly Kernel[] _keyKernels;
    private readonly IFoldInstance _code;
    private readonly BatchSeeds _seeds;
    private readonly GroupIndex _groups;
    private readonly KeyTable _keys;
    private readonly ByteBuffer _state = new();
    private readonly List<byte[]> _keyOfGroup = [];
    private StateTable _table;
    private int[] _numbers = [];

    internal FoldOperator(FoldNode node, BatchSeeds seeds, StateBudget? budget = null)
    {
        _node = node;
        _input = node.Inputs[0].Schema;
        _keyKernels = [.. node.Keys.Select(k => Kernel.Compile(k.Value))];
        _code = node.Code.Create();
        _seeds = seeds;
        _groups = new GroupIndex([.. node.Keys.Select(k => k.Value.Type)]);
        _keys = new KeyTable([.. node.Keys.Select(k => k.Value.Type)]);
        _table = new StateTable(_keys.KeySize, 0, budget);
    }

    internal override IEnumerable<(string Name, StateTable Table)> Tables => [(TableName, _table)];

    internal override void Adopt(string name, StateTable table)
    {
        if (name != TableName)
        {
            base.Adopt(name, table);
        }

        _table.Dispose();
        _table = table;
    }

    internal override void Process(int input, Batch batch)
    {
        if (_numbers.Length < batch.Count)
        {
            _numbers = new int[Math.Max(1024, batch.Count)];
        }

        Span<int> numbers = _numbers.AsSpan(0, batch.Count);
        Column[] keys = new Column[_keyKernels.Length];
        Batch? results;
        Batch events = MergeOperator.Narrow(batch, _input);
        try
        {
            for (int k = 0; k < keys.Length; k++)
            {
                keys[k] = _keyKernels[k].Evaluate(events);
            }

            _groups.Assign(keys, numbers);
            LoadNew(keys, numbers);
            results = _code.Fold(events, numbers, _seeds.Next());
        }
        catch (RowFailedException failure) when (Note(failure, events))
        {
            throw;
        }

        events.Dispose();
        if (results is null)
        {
            DisposeAll(keys);
        }
        else
        {
            Column[] columns = [.. keys, .. results.Columns.ToArray().Select(c => c.Retain())];
            Batch emitted = new(_node.Schema, columns, results.Count);
            results.Dispose();
            Emit(emitted);
        }

        if (_groups.Count > GroupsMax)
        {
            SaveAll();
        }
    }

    internal override void CloseRound(Round round, Watermark watermark)
    {
        SaveAll();
        _seeds.StartRound(round.Next);
    }

    internal override void Finish(Round round)
    {
        SaveAll();
        if (_node.Code.EmitsPerEvent)
        {
            return;
        }

        if (_table.Count == 0 && _node.Keys.IsEmpty && _node.Code.HasResultForNothing)
        {
            using Batch seed = _code.Finish(1);
            Emit(new Batch(_node.Schema, [.. seed.Columns.ToArray().Select(c => c.Retain())], 1));
            return;
        }

        ColumnBuilder[] keys = [.. _node.Keys.Select(k => ColumnBuilder.Create(k.Value.Type))];
        int count = 0;
        foreach (SortedEntries entries in KeyTable.Sort(_table))
        {
            for (int i = 0; i < entries.Count; i++)
            {
                _keys.Decode(entries.Key(i), keys);
                _code.Load(count, entries.Value(i));
                count++;
                if (count == FinalAggregateOperator.RowsPerBatch)
                {
                    EmitResults(keys, count);
                    count = 0;
                }
            }
        }

        if (count > 0)
        {
            EmitResults(keys, count);
        }

        _table.Clear();
    }

    private void EmitResults(ColumnBuilder[] keys, int count)
    {
        using Batch results = _code.Finish(count);
        _code.Clear();
        Column[] columns = [.. keys.Select(k => k.Build()), .. results.Columns.ToArray().Select(c => c.Retain())];
        Emit(new Batch(_node.Schema, columns, count));
    }

    internal override void Save(ByteBuffer cells) => _seeds.Save(cells);

    internal override void Restore(ReadOnlySpan<byte> cells) => _seeds.Restore(cells);

    private protected override void Release()
    {
        _code.Dispose();
        _table.Dispose();
    }

    private void LoadNew(Column[] keys, ReadOnlySpan<int> numbers)
    {
        if (_keyOfGroup.Count == _groups.Count)
        {
            return;
        }

        for (int row = 0; row < numbers.Length; row++)
        {
            // Groups are numbered in the order of their first rows, so the next unknown one is always the next number.
            if (numbers[row] == _keyOfGroup.Count)
            {
                byte[] key = _keys.Encode(keys, row).ToArray();
                if (_table.TryGet(key, StateHash.Of(key), out ReadOnlySpan<byte> state))
                {
                    _code.Load(numbers[row], state);
                }

                _keyOfGroup.Add(key);
            }
        }
    }

    private void SaveAll()
    {
        for (int group = 0; group < _keyOfGroup.Count; group++)
        {
            _state.Clear();
            _code.Save(group, _state);
            _table.Set(_keyOfGroup[group], StateHash.Of(_keyOfGroup[group]), _state.Span);
        }

        _code.Clear();
        _groups.Clear();
        _keyOfGroup.Clear();
    }

    private static void DisposeAll(Column[] columns)
    {
        foreach (Column column in columns)
        {
            column.Dispose();
        }
    }
}
