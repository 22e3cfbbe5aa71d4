using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// A result that is kept in memory until the run has ended, as <c>--format json</c> and tests want it. More than
/// <see cref="RowsMax"/> rows are refused: a result of that size belongs into a file.
/// </summary>
public sealed class ResultRows : IDisposable
{
    /// <summary>Rows kept at most.</summary>
    public const int RowsMax = 10_000_000;

    private readonly Lock _lock = new();
    private readonly List<Batch> _batches = [];
    private long _rows;

    /// <summary>The fields of the rows.</summary>
    public Schema? Schema { get; private set; }

    /// <summary>Rows kept.</summary>
    public long Count => Interlocked.Read(ref _rows);

    /// <summary>The rows, sorted by key: see <see cref="RowOrder.ForPeople"/>. Once the run has ended.</summary>
    public IReadOnlyList<(Batch Batch, int Row)> Sorted() =>
        Schema is null ? [] : RowOrder.Sort(_batches, RowOrder.ForPeople(Schema));

    /// <summary>The rows in the order in which they came. Once the run has ended.</summary>
    public IReadOnlyList<Batch> Batches => _batches;

    /// <summary>A sink that fills this.</summary>
    public SinkSpec Sink => new Spec(this);

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Add(Batch batch)
    {
        lock (_lock)
        {
            _rows += batch.Count;
            if (_rows > RowsMax)
            {
                throw new StageFailedException($"the result has more than {RowsMax} rows: write it to a file (sink csv or jsonl)");
            }

            _batches.Add(batch.Retain());
        }
    }

    private void Clear()
    {
        lock (_lock)
        {
            foreach (Batch batch in _batches)
            {
                batch.Dispose();
            }

            _batches.Clear();
            _rows = 0;
        }
    }

    private void Start(Schema schema, ReadOnlySpan<byte> position)
    {
        Clear();
        Schema = schema;
        while (!position.IsEmpty)
        {
            Outcome<Batch> read = BatchCodec.Read(schema, position, out int consumed);
            if (!read.Succeeded)
            {
                throw new StageFailedException($"the snapshot's result {read.Failure.Message}");
            }

            using Batch batch = read.Value;
            Add(batch);
            position = position[consumed..];
        }
    }

    private void Write(IBufferWriter<byte> writer)
    {
        lock (_lock)
        {
            foreach (Batch batch in _batches)
            {
                BatchCodec.Write(batch, writer);
            }
        }
    }

    private sealed class Spec(ResultRows rows) : SinkSpec, IOpenableSink
    {
        public override string Canonical => Shown;

        public string Form => "document";

        public override string Description => "the result";

        public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position)
        {
            rows.Start(schema, position);
            return new Writer(rows);
        }
    }

    private sealed class Writer(ResultRows rows) : ISinkWriter
    {
        public void Write(Batch batch, Round round) => rows.Add(batch);

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer) => rows.Write(writer);

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }
}
