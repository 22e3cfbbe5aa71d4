using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Readings of sensors, made up: a number of sensors that each drift around a value of their own, at a rate, slightly out
/// of order, endless or up to a count. The same seed gives the same readings; their times go on from a fixed moment.
/// </summary>
public sealed class SensorSourceSpec : SourceSpec, IOpenableSource
{
    /// <summary>The columns: sensor, time, value.</summary>
    public static Schema Columns { get; } = new(
        new Field("sensor", new ColumnType(ValueKind.Int32)),
        new Field("time", new ColumnType(ValueKind.DateTime)),
        new Field("value", new ColumnType(ValueKind.Float64)));

    /// <summary>How many sensors; default 10, at least 1.</summary>
    public int Sensors { get; init; } = 10;

    /// <summary>Readings per second, of event time and (when <see cref="Paced"/>) of the clock; default 100, 1 to 10,000,000.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>Readings in all; default (null): endless.</summary>
    public long? Rows { get; init; }

    /// <summary>Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether readings come at their rate (true, the default), or as fast as they are taken.</summary>
    public bool Paced { get; init; } = true;

    /// <summary>The same with other settings; null keeps one.</summary>
    public SensorSourceSpec With(int? sensors = null, int? rate = null, long? rows = null, ulong? seed = null, bool? paced = null) => new()
    {
        Sensors = sensors ?? Sensors,
        Rate = rate ?? Rate,
        Rows = rows ?? Rows,
        Seed = seed ?? Seed,
        Paced = paced ?? Paced,
    };

    /// <inheritdoc/>
    public override string Canonical => string.Create(
        CultureInfo.InvariantCulture, $"sensors sensors={Sensors} rate={Rate} rows={Rows} seed={Seed}");

    /// <inheritdoc/>
    public override string Description => "generate sensors";

    /// <inheritdoc/>
    public ISource Open(Schema schema, IClock clock) => new Source(this, clock);

    private sealed class Source(SensorSourceSpec spec, IClock clock) : ISource
    {
        public Schema Schema => Columns;

        public int PartitionCount => 1;

        public long? TotalBytes => null;

        public ReadOnlyMemory<byte> Identity => System.Text.Encoding.UTF8.GetBytes(spec.Canonical);

        public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => identity.SequenceEqual(Identity.Span)
            ? true
            : new Failure(FailureKind.Mismatch, "the generator has other settings than when the snapshot was taken");

        public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) => new Partition(
            spec, clock, position.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(position));

        public void Dispose()
        {
        }
    }

    private sealed class Partition(SensorSourceSpec spec, IClock clock, long start) : ISourcePartition
    {
        private const int RowsPerRound = 8192;

        private static readonly DateTime Epoch = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

        private readonly TimeSpan _start = clock.Elapsed;
        private readonly long _first = start;
        private long _taken;

        private long NextReading => _first + Interlocked.Read(ref _taken);

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(NextReading, 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            long left = (spec.Rows ?? long.MaxValue) - NextReading;
            if (left <= 0)
            {
                return SourceStep.End;
            }

            long due = spec.Paced
                ? _first + (long)((clock.Elapsed - _start).TotalSeconds * spec.Rate) - NextReading
                : RowsPerRound;
            int count = (int)Math.Min(Math.Min(due, left), RowsPerRound);
            if (count <= 0)
            {
                return SourceStep.Wait(Pause);
            }

            emit(Make(count));
            Interlocked.Add(ref _taken, count);
            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), NextReading);
            writer.Advance(sizeof(long));
        }

        public string Locate(int row) => string.Create(CultureInfo.InvariantCulture, $"reading {NextReading + row}");

        public void Dispose()
        {
        }

        private Batch Make(int count)
        {
            int[] sensors = ColumnPool.Shared.Rent<int>(count);
            DateTime[] times = ColumnPool.Shared.Rent<DateTime>(count);
            double[] values = ColumnPool.Shared.Rent<double>(count);
            for (int i = 0; i < count; i++)
            {
                long index = NextReading + i;
                SplitMix64 random = new(spec.Seed ^ (ulong)index * 0x9E3779B97F4A7C15UL);
                sensors[i] = (int)(random.Next() % (ulong)spec.Sensors);
                // Up to a second late: enough to need a watermark.
                long late = (long)(random.Next() % (ulong)TimeSpan.TicksPerSecond);
                times[i] = Epoch.AddTicks(Math.Max(0, (long)((Int128)index * TimeSpan.TicksPerSecond / spec.Rate) - late));
                double drift = Math.Sin(((double)index / spec.Rate / 30) + sensors[i]);
                values[i] = Math.Round(20 + sensors[i] + (3 * drift) + ((random.Next() % 1000) / 1000.0), 3);
            }

            return new Batch(
                Columns,
                [
                    new FixedColumn<int>(Columns[0].Type, sensors, count),
                    new FixedColumn<DateTime>(Columns[1].Type, times, count),
                    new FixedColumn<double>(Columns[2].Type, values, count),
                ],
                count);
        }
    }
}
