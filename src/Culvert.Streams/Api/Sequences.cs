using System.Buffers;
using System.Security.Cryptography;

namespace Culvert.Streams;

/// <summary>An array or list: replayable.</summary>
internal sealed class ListSourceSpec<T>(IReadOnlyList<T> rows) : SequenceSourceSpec(RowShape<T>.Instance.Schema)
{
    public override bool IsReplayable => true;

    public override long? RowCount => rows.Count;

    public override string Description => $"{rows.Count:N0} events of {RowShapeReflection.NameOf(typeof(T))}";

    public override byte[] ComputeIdentity()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ArrayBufferWriter<byte> writer = new();
        foreach (T row in rows)
        {
            writer.ResetWrittenCount();
            StateCodec<T>.Write(row, writer);
            hash.AppendData(writer.WrittenSpan);
        }

        return hash.GetHashAndReset();
    }

    public override IRowSource Open(PartitionId partition) => new Reading(rows);

    private sealed class Reading(IReadOnlyList<T> rows) : IRowSource
    {
        private readonly RowWriter<T> _writer = new();
        private T[] _piece = [];

        public long Position { get; private set; }

        public Action? Wake { get; set; }

        public void Seek(long position)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)position, (ulong)rows.Count, nameof(position));
            Position = position;
        }

        public RowSourceStep Next(int rowsMax, out Batch? batch)
        {
            int start = (int)Position;
            int count = Math.Min(rowsMax, rows.Count - start);
            batch = null;
            if (count == 0)
            {
                return RowSourceStep.End;
            }

            _piece = _piece.Length >= count ? _piece : new T[count];
            if (rows is T[] array)
            {
                array.AsSpan(start, count).CopyTo(_piece);
            }
            else
            {
                for (int i = 0; i < count; i++)
                {
                    _piece[i] = rows[start + i];
                }
            }

            _writer.Append(_piece, count);
            batch = _writer.Build();
            Position = start + count;
            return RowSourceStep.Batch;
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>Batches that were made beforehand, shared and not copied; batch i goes to partition i modulo their number.</summary>
internal sealed class BatchSourceSpec(Schema schema, IReadOnlyList<Batch> batches, int partitions) : SequenceSourceSpec(schema)
{
    public override int PartitionCount => partitions;

    public override bool IsReplayable => true;

    public override long? RowCount => batches.Sum(b => (long)b.Count);

    public override string Description => $"{batches.Count:N0} batches";

    /// <summary>Batches are for benchmarks and tests, where nobody else could have changed them: their sizes are enough.</summary>
    public override byte[] ComputeIdentity() =>
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{Schema};{string.Join(',', batches.Select(b => b.Count))}"));

    public override IRowSource Open(PartitionId partition) => new Reading(batches, partition.Value, partitions);

    private sealed class Reading(IReadOnlyList<Batch> batches, int first, int step) : IRowSource
    {
        public long Position { get; private set; }

        public Action? Wake { get; set; }

        public void Seek(long position) => Position = position;

        public RowSourceStep Next(int rowsMax, out Batch? batch)
        {
            long index = first + Position * step;
            batch = index < batches.Count ? batches[(int)index].Retain() : null;
            Position += batch is null ? 0 : 1;
            return batch is null ? RowSourceStep.End : RowSourceStep.Batch;
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>A sequence that is enumerated as it is read, on the reading thread.</summary>
internal sealed class EnumerableSourceSpec<T>(IEnumerable<T> rows) : SequenceSourceSpec(RowShape<T>.Instance.Schema)
{
    public override bool IsReplayable => false;

    public override string Description => $"an IEnumerable<{RowShapeReflection.NameOf(typeof(T))}>";

    public override IRowSource Open(PartitionId partition) => new Reading(rows.GetEnumerator());

    private sealed class Reading(IEnumerator<T> rows) : IRowSource
    {
        private readonly RowWriter<T> _writer = new();
        private T[] _piece = [];

        public long Position { get; private set; }

        public Action? Wake { get; set; }

        public void Seek(long position) => throw new NotSupportedException("an IEnumerable cannot be read from a position");

        public RowSourceStep Next(int rowsMax, out Batch? batch)
        {
            _piece = _piece.Length >= rowsMax ? _piece : new T[rowsMax];
            int count = 0;
            while (count < rowsMax && rows.MoveNext())
            {
                _piece[count++] = rows.Current;
            }

            _writer.Append(_piece, count);
            _piece.AsSpan(0, count).Clear();
            batch = count == 0 ? null : _writer.Build();
            Position += count;
            return count == 0 ? RowSourceStep.End : RowSourceStep.Batch;
        }

        public void Dispose() => rows.Dispose();
    }
}
