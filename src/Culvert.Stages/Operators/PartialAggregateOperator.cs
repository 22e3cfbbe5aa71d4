using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>
/// Folds a round's rows into one state per key (and pane, for windows), and passes the states on at the round's end. What
/// it knows of a round is forgotten with it, so there is nothing to snapshot.
/// </summary>
internal sealed class PartialAggregateOperator : Operator
{
    /// <summary>More groups than this are passed on before the round ends: they would not stay in the cache.</summary>
    private const int GroupsMax = 1 << 16;

    private readonly Schema _output;
    private readonly Kernel[] _keys;
    private readonly Kernel?[] _arguments;
    private readonly AggregateStates _states;
    private readonly GroupIndex _groups;
    private readonly PaneCutter? _panes;
    private readonly int _timeColumn;
    private readonly Column[] _keyColumns;
    private int[] _numbers = [];
    private int[] _order = []; // 0, 1, 2 and so on

    internal PartialAggregateOperator(AggregateNode node, Schema input, Schema output)
    {
        _output = output;
        _keys = [.. node.Keys.Select(k => Kernel.Compile(k.Value))];
        _arguments = [.. node.States.Select(a => a.Argument is null ? null : Kernel.Compile(a.Argument))];
        _states = new AggregateStates(node.States);
        _panes = node.Window is null ? null : new PaneCutter(node.Window);
        _timeColumn = input.IndexOf(Node.EventTimeColumn);
        int keyCount = _keys.Length + (_panes is null ? 0 : 1);
        _keyColumns = new Column[keyCount];
        _groups = new GroupIndex([.. output.Fields.Take(keyCount).Select(f => f.Type)]);
    }

    internal override void Process(int input, Batch batch)
    {
        if (_numbers.Length < batch.Count)
        {
            _numbers = new int[Math.Max(1024, batch.Count)];
        }

        Span<int> numbers = _numbers.AsSpan(0, batch.Count);
        try
        {
            Fold(batch, numbers);
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        batch.Dispose();
        if (_groups.Count > GroupsMax)
        {
            PassOn();
        }
    }

    internal override void CloseRound(Round round, Watermark watermark) => PassOn();

    internal override void Finish(Round round) => PassOn();

    private void Fold(Batch batch, Span<int> numbers)
    {
        for (int k = 0; k < _keys.Length; k++)
        {
            _keyColumns[k] = _keys[k].Evaluate(batch);
        }

        if (_panes is not null)
        {
            _keyColumns[^1] = _panes.Cut(batch.Fixed<DateTime>(_timeColumn));
        }

        _groups.Assign(_keyColumns, numbers);
        foreach (Column key in _keyColumns)
        {
            key.Dispose();
        }

        for (int a = 0; a < _arguments.Length; a++)
        {
            using Column? argument = _arguments[a]?.Evaluate(batch);
            _states.Accumulators[a].Fold(argument, numbers, _groups.Count);
        }
    }

    private ReadOnlySpan<int> Order(int count)
    {
        if (_order.Length < count)
        {
            _order = [.. Enumerable.Range(0, Math.Max(count, _order.Length * 2))];
        }

        return _order.AsSpan(0, count);
    }

    private void PassOn()
    {
        int count = _groups.Count;
        if (count == 0)
        {
            return;
        }

        // In the order of first appearance: that depends on the round's rows alone, and sorting is left to who emits results.
        ReadOnlySpan<int> order = Order(count);
        Column[] columns = new Column[_output.Count];
        _groups.Build(order).CopyTo(columns, 0);
        for (int a = 0; a < _arguments.Length; a++)
        {
            Accumulator accumulator = _states.Accumulators[a];
            columns[_keyColumns.Length + a] = accumulator.TakeStates(order);
            accumulator.Clear();
        }

        _groups.Clear();
        Emit(new Batch(_output, columns, count));
    }
}
