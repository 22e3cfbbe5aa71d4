using Culvert.Streams;

namespace Culvert.Stages;

/// <summary>Keeps the rows for which the predicate is true.</summary>
internal sealed class WhereOperator(WhereNode node) : Operator
{
    private readonly Kernel _predicate = Kernel.Compile(node.Predicate);
    private readonly bool _keepsAll = node.Keep.Length == node.Inputs[0].Schema.Count;
    private int[] _rows = [];

    internal override void Process(int input, Batch batch)
    {
        if (_rows.Length < batch.Count)
        {
            _rows = new int[Math.Max(batch.Count, 1024)];
        }

        int[] rows = _rows;
        int count = 0;
        try
        {
            count = _predicate.Select(batch, rows);
        }
        catch (RowFailedException failure) when (Note(failure, batch))
        {
            throw;
        }

        if (count == batch.Count && _keepsAll)
        {
            Emit(batch);
            return;
        }

        Batch kept = Keep(batch, rows.AsSpan(0, count));
        batch.Dispose();
        try
        {
            Emit(kept);
        }
        catch (RowFailedException failure) when (Translate(failure, rows.AsSpan(0, count)))
        {
            throw;
        }
    }

    private Batch Keep(Batch batch, ReadOnlySpan<int> rows)
    {
        Column[] columns = new Column[node.Keep.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            Column column = batch[node.Keep[i]];
            columns[i] = rows.Length == batch.Count ? column.Retain() : column.Gather(rows);
        }

        return new Batch(node.Schema, columns, rows.Length);
    }
}
