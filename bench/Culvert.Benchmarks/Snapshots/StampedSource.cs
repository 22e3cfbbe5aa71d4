using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Benchmarks.Snapshots;

/// <summary>
/// First every key once, in a scattered order, then keys at random; it notes the time of every round. Rounds are so small
/// that the few which a source may be ahead take no time: when any partition behind it stands still, so does it. It has no
/// end, since the results of that many keys are not what is measured: it waits instead, to be stopped.
/// </summary>
internal sealed class StampedSource(long keys, long events) : SourceSpec, IOpenableSource, ISource
{
    /// <summary>Events of a round: about a millisecond's work.</summary>
    public const int RowsPerRound = 4096;

    // Odd, so that multiplying by it modulo a power of two meets every number once.
    private const ulong Scatter = 0x9E37_79B9_7F4A_7C15;

    private static readonly Schema s_schema = new(
        new Field(nameof(StateEvent.Key), new ColumnType(ValueKind.Int64)), new Field(nameof(StateEvent.Value), new ColumnType(ValueKind.Int32)));

    /// <summary>When each round began, in <see cref="Stopwatch"/> ticks; written by one worker at a time.</summary>
    public long[] Stamps { get; } = new long[(keys + events + RowsPerRound - 1) / RowsPerRound];

    /// <summary>The first round that has no new keys only.</summary>
    public int FirstFullRound => (int)((keys + RowsPerRound - 1) / RowsPerRound);

    public override string Canonical => "stamped";

    public override string Description => "events of a benchmark";

    public Schema Schema => s_schema;

    public long? TotalBytes => null;

    public ReadOnlyMemory<byte> Identity => default;

    public ISource Open(Schema schema, IClock clock) => this;

    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => true;

    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) => new Partition(this, keys, keys + events);

    public void Dispose()
    {
    }

    private sealed class Partition(StampedSource source, long keys, long events) : ISourcePartition
    {
        private readonly ulong _mask = System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)keys) - 1;
        private ulong _walk;
        private long _count;

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(Volatile.Read(ref _count), 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            if (_count == events)
            {
                return SourceStep.Wait(TimeSpan.FromSeconds(1));
            }

            source.Stamps[_count / RowsPerRound] = Stopwatch.GetTimestamp();
            int rows = (int)Math.Min(RowsPerRound, events - _count);
            long[] keysOfRows = ColumnPool.Shared.Rent<long>(rows);
            int[] values = ColumnPool.Shared.Rent<int>(rows);
            for (int i = 0; i < rows; i++)
            {
                keysOfRows[i] = _count + i < keys ? NextOfWalk() : Random((ulong)(_count + i));
                values[i] = i;
            }

            Volatile.Write(ref _count, _count + rows);
            emit(new Batch(s_schema, [new FixedColumn<long>(s_schema[0].Type, keysOfRows, rows), new FixedColumn<int>(s_schema[1].Type, values, rows)], rows));
            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), _count);
            writer.Advance(sizeof(long));
        }

        public string Locate(int row) => "a made event";

        public void Dispose()
        {
        }

        private long NextOfWalk()
        {
            ulong key;
            do
            {
                key = (_walk++ * Scatter) & _mask;
            }
            while (key >= (ulong)keys);
            return (long)key;
        }

        private long Random(ulong number)
        {
            ulong bits = (number + 1) * Scatter;
            bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
            bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
            return (long)Math.BigMul(bits ^ (bits >> 31), (ulong)keys, out _);
        }
    }
}
