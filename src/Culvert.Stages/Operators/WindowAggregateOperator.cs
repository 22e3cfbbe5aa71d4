using System.Buffers.Binary;
using System.Globalization;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Merges states per pane and key; a window's results come out when the watermark passes its end, in the order of
/// windows, then keys. A window that late events change is emitted anew, for the keys that changed, until its lateness
/// is over. What comes later than that is dropped and counted.
/// </summary>
internal sealed class WindowAggregateOperator : Operator
{
    private const string TablePrefix = "pane-";

    private readonly AggregateNode _node;
    private readonly WindowSpec _window;
    private readonly AggregateStates _states;
    private readonly KeyTable _keys;
    private readonly PaneCutter _cutter;
    private readonly SortedDictionary<long, StateTable> _panes = [];
    private readonly SortedDictionary<long, HashSet<ulong>> _changed = []; // by pane: hashes of keys changed after a window of it came out
    private readonly StateTable _merged;
    private readonly StateBudget? _budget;
    private long _watermark = long.MinValue;
    private long _late;

    internal WindowAggregateOperator(AggregateNode node, StateBudget? budget = null)
    {
        _node = node;
        _window = node.Window!;
        _states = new AggregateStates(node.States);
        _keys = new KeyTable([.. node.Keys.Select(k => k.Value.Type)]);
        _cutter = new PaneCutter(_window);
        _budget = budget;
        _merged = NewTable();
    }

    internal override long LateEvents => _late;

    internal override IEnumerable<(string Name, StateTable Table)> Tables => _panes.Select(
        p => (TablePrefix + p.Key.ToString(CultureInfo.InvariantCulture), p.Value));

    internal override void Adopt(string name, StateTable table)
    {
        if (!name.StartsWith(TablePrefix, StringComparison.Ordinal)
            || !long.TryParse(name.AsSpan(TablePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long pane))
        {
            base.Adopt(name, table);
            return;
        }

        _panes.Add(pane, table);
    }

    internal override void Save(ByteBuffer cells)
    {
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _watermark);
        BinaryPrimitives.WriteInt64LittleEndian(cells.Append(sizeof(long)), _late);
    }

    internal override void Restore(ReadOnlySpan<byte> cells)
    {
        _watermark = BinaryPrimitives.ReadInt64LittleEndian(cells);
        _late = BinaryPrimitives.ReadInt64LittleEndian(cells[sizeof(long)..]);
    }

    internal override void Process(int input, Batch batch)
    {
        int keyCount = _node.Keys.Length;
        ReadOnlySpan<Column> keyColumns = batch.Columns[..keyCount];
        ReadOnlySpan<DateTime> panes = batch.Fixed<DateTime>(keyCount).Values;
        long last = -1;
        StateTable? table = null;
        HashSet<ulong>? changed = null;
        for (int row = 0; row < batch.Count; row++)
        {
            long pane = panes[row].Ticks;
            if (pane != last)
            {
                (last, table, changed) = (pane, TableOf(pane), ChangesOf(pane));
            }

            if (table is null)
            {
                _late += batch.Fixed<long>(batch.Schema.Count - 1).Values[row];
                continue;
            }

            ReadOnlySpan<byte> key = _keys.Encode(keyColumns, row);
            ulong hash = StateHash.Of(key);
            _states.MergeRow(table, key, hash, batch, row, keyCount + 1);
            changed?.Add(hash);
        }

        batch.Dispose();
    }

    internal override void CloseRound(Round round, Watermark watermark) => Fire(watermark.Ticks);

    internal override void Finish(Round round) => Fire(long.MaxValue);

    private protected override void Release()
    {
        foreach (StateTable table in _panes.Values)
        {
            table.Dispose();
        }

        _merged.Dispose();
    }

    private StateTable NewTable() => new(_keys.KeySize, _states.ValueSize, _budget);

    /// <summary>The pane's table, or null when every window of it has been given up.</summary>
    private StateTable? TableOf(long pane)
    {
        if (_panes.TryGetValue(pane, out StateTable? table))
        {
            return table;
        }

        if (_cutter.GivenUpAt(pane) <= _watermark)
        {
            return null;
        }

        return _panes[pane] = NewTable();
    }

    private HashSet<ulong>? ChangesOf(long pane)
    {
        if (_window.Lateness == TimeSpan.Zero || _cutter.WindowsOf(pane).First() + _window.Size.Ticks > _watermark)
        {
            return null;
        }

        if (!_changed.TryGetValue(pane, out HashSet<ulong>? changed))
        {
            _changed[pane] = changed = [];
        }

        return changed;
    }

    private void Fire(long watermark)
    {
        if (watermark <= _watermark && _changed.Count == 0)
        {
            return;
        }

        long now = Math.Max(watermark, _watermark);
        SortedSet<long> windows = [];
        foreach (long pane in _panes.Keys)
        {
            foreach (long start in _cutter.WindowsOf(pane))
            {
                long end = start + _window.Size.Ticks;
                bool comesOut = end <= now && end > _watermark;
                bool comesAnew = end <= _watermark && end + _window.Lateness.Ticks > _watermark && _changed.ContainsKey(pane);
                if (comesOut || comesAnew)
                {
                    windows.Add(start);
                }
            }
        }

        foreach (long start in windows)
        {
            EmitWindow(start, anew: start + _window.Size.Ticks <= _watermark);
        }

        _changed.Clear();
        _watermark = now;
        DropPanes();
    }

    private void EmitWindow(long start, bool anew)
    {
        long end = start + _window.Size.Ticks;
        _merged.Clear();
        HashSet<ulong>? changed = anew ? [] : null;
        foreach ((long pane, StateTable table) in _panes)
        {
            if (pane < start || pane >= end)
            {
                continue;
            }

            if (changed is not null && _changed.TryGetValue(pane, out HashSet<ulong>? ofPane))
            {
                changed.UnionWith(ofPane);
            }

            foreach (StateEntry entry in table)
            {
                _states.MergeValue(_merged, entry.Key, entry.Hash, entry.Value);
            }
        }

        EmitRows(start, end, changed);
    }

    private void EmitRows(long start, long end, HashSet<ulong>? only)
    {
        int keyCount = _node.Keys.Length;
        ColumnBuilder[] builders = [.. _node.Schema.Fields.Select(f => ColumnBuilder.Create(f.Type))];
        int rows = 0;
        foreach (SortedEntries entries in KeyTable.Sort(_merged))
        {
            for (int i = 0; i < entries.Count; i++)
            {
                if (only is not null && !only.Contains(StateHash.Of(entries.Key(i))))
                {
                    continue;
                }

                _keys.Decode(entries.Key(i), builders);
                ((FixedColumnBuilder<DateTime>)builders[keyCount]).Append(new DateTime(start, DateTimeKind.Utc));
                ((FixedColumnBuilder<DateTime>)builders[keyCount + 1]).Append(new DateTime(end, DateTimeKind.Utc));
                _states.Finish(entries.Value(i), builders, keyCount + 2);
                rows++;
                if (rows == FinalAggregateOperator.RowsPerBatch)
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
    }

    private void DropPanes()
    {
        while (_panes.Count > 0)
        {
            (long pane, StateTable table) = _panes.First();
            if (_cutter.GivenUpAt(pane) > _watermark)
            {
                return;
            }

            _panes.Remove(pane);
            table.Dispose();
        }
    }
}
