using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>
/// Events that a test cut into partitions and rounds itself: <c>rounds[partition][round]</c>. Replayable. Before a round
/// is read, <see cref="BeforeRound"/> is called with its partition and number.
/// </summary>
internal sealed class ScriptedSource<T>(T[][][] rounds) : SourceSpec, IOpenableSource
{
    internal Action<int, int>? BeforeRound { get; set; }

    public override int PartitionCount => rounds.Length;

    public override string Canonical => $"scripted {rounds.Length}";

    public override string Description => "a scripted source";

    /// <summary>The events in the order in which an ordered reader gets them: by round, then by partition.</summary>
    internal IEnumerable<T> InOrder => Enumerable.Range(0, rounds.Max(p => p.Length))
        .SelectMany(round => rounds.SelectMany(p => round < p.Length ? p[round] : []));

    internal T[][][] Rounds => rounds;

    public ISource Open(Schema schema, IClock clock) => new Opened(this, schema);

    private sealed class Opened(ScriptedSource<T> spec, Schema schema) : ISource
    {
        public Schema Schema => schema;

        public int PartitionCount => spec.PartitionCount;

        public long? TotalBytes => null;

        public ReadOnlyMemory<byte> Identity { get; } = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', spec.InOrder)));

        public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => identity.SequenceEqual(Identity.Span)
            ? true
            : new Failure(FailureKind.Mismatch, "other events");

        public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) =>
            new Partition(spec, partition.Value, position.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(position));

        public void Dispose()
        {
        }
    }

    private sealed class Partition(ScriptedSource<T> spec, int partition, int start) : ISourcePartition
    {
        private readonly RowWriter<T> _writer = new();
        private int _next = start;

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(spec.Rounds[partition].Take(_next).Sum(r => (long)r.Length), 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            T[][] own = spec.Rounds[partition];
            if (_next == own.Length)
            {
                return SourceStep.End;
            }

            spec.BeforeRound?.Invoke(partition, _next);
            T[] events = own[_next++];
            for (int i = 0; i < events.Length; i += 3)
            {
                // Several batches in a round: nothing may depend on where a batch ends.
                T[] piece = events[i..Math.Min(i + 3, events.Length)];
                _writer.Append(piece, piece.Length);
                emit(_writer.Build());
            }

            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), _next);
            writer.Advance(sizeof(int));
        }

        public string Locate(int row) => $"event {row} of round {_next - 1} of partition {partition}";

        public void Dispose()
        {
        }
    }
}
