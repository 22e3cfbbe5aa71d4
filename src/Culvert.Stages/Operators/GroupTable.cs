using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// The states of an aggregate by key. Where the table has outgrown its budget, a row's page would mostly lie outside, and
/// bringing it in and out costs a hundred times what the row does. So states wait: where their order does not matter they are
/// merged in a second, smaller table, until that is large enough that going once over all pages of the first, in the order of
/// hashes, pays; where it does matter, the rows of each batch are taken in the order of hashes, those of a key in their own.
/// </summary>
internal sealed class GroupTable : IDisposable
{
    private const string MainName = "groups";
    private const string WaitingName = "waiting";

    private readonly AggregateStates _states;
    private readonly KeyTable _keys;
    private readonly StateBudget? _budget;
    private readonly bool _isOrderFree;
    private ulong[] _order = [];
    private StateTable _main;
    private StateTable? _waiting;

    internal GroupTable(AggregateStates states, KeyTable keys, bool isOrderFree, StateBudget? budget)
    {
        _states = states;
        _keys = keys;
        _budget = budget;
        _isOrderFree = isOrderFree;
        _main = new StateTable(keys.KeySize, states.ValueSize, budget);
        budget?.AddWaiting();
    }

    /// <summary>The tables as snapshots have them.</summary>
    internal IEnumerable<(string Name, StateTable Table)> Tables =>
        _waiting is { Count: > 0 } waiting ? [(MainName, _main), (WaitingName, waiting)] : [(MainName, _main)];

    /// <summary>Takes over a table of a snapshot, which may be one that was within another budget, or none.</summary>
    internal bool TryAdopt(string name, StateTable table)
    {
        switch (name)
        {
            case MainName:
                _main.Dispose();
                _main = table;
                return true;
            case WaitingName:
                _waiting?.Dispose();
                _waiting = table;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Merges every row of a batch, whose columns are keys, then states.</summary>
    internal void Merge(Batch batch, int keyCount)
    {
        if (_budget is null || !_budget.IsShort)
        {
            Settle();
            MergeAll(_main, batch, keyCount);
        }
        else if (_isOrderFree)
        {
            _waiting ??= new StateTable(_keys.KeySize, _states.ValueSize, _budget);
            MergeAll(_waiting, batch, keyCount);
            if (_waiting.SizeBytes > _budget.WaitingBytesMax)
            {
                Settle();
            }
        }
        else
        {
            MergeByHash(batch, keyCount);
        }
    }

    /// <summary>Merges the states that wait; the table has all then.</summary>
    internal StateTable Settle()
    {
        if (_waiting is { Count: > 0 } waiting)
        {
            foreach (StateEntry entry in waiting)
            {
                _states.MergeValue(_main, entry.Key, entry.Hash, entry.Value);
            }

            waiting.Clear();
        }

        return _main;
    }

    public void Dispose()
    {
        _main.Dispose();
        _waiting?.Dispose();
        _budget?.RemoveWaiting();
    }

    private void MergeAll(StateTable table, Batch batch, int keyCount)
    {
        ReadOnlySpan<Column> keyColumns = batch.Columns[..keyCount];
        for (int row = 0; row < batch.Count; row++)
        {
            ReadOnlySpan<byte> key = _keys.Encode(keyColumns, row);
            _states.MergeRow(table, key, StateHash.Of(key), batch, row, keyCount);
        }
    }

    private void MergeByHash(Batch batch, int keyCount)
    {
        ReadOnlySpan<Column> keyColumns = batch.Columns[..keyCount];
        if (_order.Length < batch.Count)
        {
            _order = new ulong[batch.Count];
        }

        // The hash's first 32 bits, which tell pages apart, then the row: rows of one key stay in their order.
        Span<ulong> order = _order.AsSpan(0, batch.Count);
        for (int row = 0; row < order.Length; row++)
        {
            order[row] = (StateHash.Of(_keys.Encode(keyColumns, row)) & ~(ulong)uint.MaxValue) | (uint)row;
        }

        order.Sort();
        foreach (ulong next in order)
        {
            int row = (int)(uint)next;
            ReadOnlySpan<byte> key = _keys.Encode(keyColumns, row);
            _states.MergeRow(_main, key, StateHash.Of(key), batch, row, keyCount);
        }
    }
}
