using System.Buffers;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>The first rows that a sink receives, in the order they came.</summary>
internal sealed class FirstRows(int rowsMax) : IDisposable
{
    private readonly List<Batch> _batches = [];
    private Schema? _schema;
    private int _rows;
    private Action? _enough;
    private bool _full;

    /// <summary>Called when as many rows are there as were asked for; at once, if they are already.</summary>
    internal Action EnoughIsThere
    {
        set
        {
            bool now;
            lock (_batches)
            {
                _enough = value;
                now = _full;
            }

            if (now)
            {
                value();
            }
        }
    }

    /// <summary>A sink that fills this.</summary>
    internal SinkSpec Sink => new Spec(this);

    /// <summary>Prints the schema, and the rows as a table below it. Once the run has ended.</summary>
    internal void Print(TextWriter output)
    {
        if (_schema is null)
        {
            return;
        }

        foreach (Field field in PlanView.Shown(_schema))
        {
            output.WriteLine($"{field}");
        }

        output.WriteLine();
        int[] columns = [.. Enumerable.Range(0, _schema.Count).Where(c => !_schema[c].Name.StartsWith('$'))];
        List<string[]> cells = [.. _batches
            .SelectMany(b => Enumerable.Range(0, b.Count).Select(b.GetRow))
            .Take(rowsMax)
            .Select(row => columns.Select(c => row[c] is { } value ? ValueText.Format(value) : "").ToArray())];
        TextTable.Write(output, [.. columns.Select(c => _schema[c])], cells);
    }

    public void Dispose()
    {
        foreach (Batch batch in _batches)
        {
            batch.Dispose();
        }

        _batches.Clear();
    }

    private void Add(Batch batch)
    {
        Action? enough = null;
        lock (_batches)
        {
            if (_full)
            {
                return;
            }

            _batches.Add(batch.Retain());
            _rows += batch.Count;
            if (_rows >= rowsMax)
            {
                _full = true;
                enough = _enough;
            }
        }

        enough?.Invoke();
    }

    private sealed class Spec(FirstRows rows) : SinkSpec, IOpenableSink
    {
        public override string Canonical => "peek";

        public string Form => "peek";

        public override string Description => "peek";

        public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position)
        {
            rows._schema = schema;
            return new Writer(rows);
        }
    }

    private sealed class Writer(FirstRows rows) : ISinkWriter
    {
        public void Write(Batch batch, Round round) => rows.Add(batch);

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
