using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>Where a chain of steps ends: batches are made of what arrives.</summary>
internal interface IRowOutput
{
    void Begin(Batch batch, Action<Batch> emit);

    void End();
}

/// <summary>Nothing but filters came before: the rows that are left are taken from the batch as they are, columns unknown to the event included.</summary>
internal sealed class GatherOutput<T> : RowStage<T>, IRowOutput
{
    private readonly List<int> _rows = [];
    private Batch? _batch;
    private Action<Batch>? _emit;

    public void Begin(Batch batch, Action<Batch> emit)
    {
        _rows.Clear();
        (_batch, _emit) = (batch, emit);
    }

    internal override void Push(T[] rows, int[] origins, int count) => _rows.AddRange(origins.AsSpan(0, count));

    public void End()
    {
        if (_rows.Count == _batch!.Count)
        {
            _emit!(_batch.Retain());
        }
        else if (_rows.Count > 0)
        {
            _emit!(_batch.Gather(CollectionsMarshal.AsSpan(_rows)));
        }

        (_batch, _emit) = (null, null);
    }
}

/// <summary>Writes events into new columns, and copies each event's time beside it where the input has one.</summary>
internal sealed class WriteOutput<T>(Schema schema, int timeColumn) : RowStage<T>, IRowOutput
{
    /// <summary>Events of one batch at most, where SelectMany makes more of them.</summary>
    private const int RowsMax = 65_536;

    private readonly RowWriter<T> _writer = new();
    private readonly List<int> _origins = [];
    private Batch? _batch;
    private Action<Batch>? _emit;

    public void Begin(Batch batch, Action<Batch> emit)
    {
        if (_writer.Count > 0)
        {
            // A batch before this one failed half way.
            _writer.Build().Dispose();
        }

        _origins.Clear();
        (_batch, _emit) = (batch, emit);
    }

    internal override void Push(T[] rows, int[] origins, int count)
    {
        if (_writer.Count + count > RowsMax)
        {
            Flush();
        }

        try
        {
            _writer.Append(rows, count);
        }
        catch (RowFailedException e)
        {
            e.Row = origins[e.Row];
            throw;
        }

        if (timeColumn >= 0)
        {
            _origins.AddRange(origins.AsSpan(0, count));
        }
    }

    public void End()
    {
        if (_writer.Count > 0)
        {
            Flush();
        }

        (_batch, _emit) = (null, null);
    }

    private void Flush()
    {
        Batch made = _writer.Build();
        if (timeColumn >= 0)
        {
            Batch timed = WithColumn.Append(made, schema, _batch![timeColumn].Gather(CollectionsMarshal.AsSpan(_origins)));
            made.Dispose();
            made = timed;
            _origins.Clear();
        }

        _emit!(made);
    }
}

/// <summary>Batches with more columns.</summary>
internal static class WithColumn
{
    /// <summary>A batch of all columns of <paramref name="batch"/>, which stays the caller's, and <paramref name="more"/>, which do not.</summary>
    internal static Batch Append(Batch batch, Schema schema, params ReadOnlySpan<Column> more)
    {
        Column[] columns = new Column[batch.Columns.Length + more.Length];
        for (int i = 0; i < batch.Columns.Length; i++)
        {
            columns[i] = batch[i].Retain();
        }

        more.CopyTo(columns.AsSpan(batch.Columns.Length));
        return new Batch(schema, columns, batch.Count);
    }
}
