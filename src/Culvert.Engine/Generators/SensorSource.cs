using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// The readings of <see cref="SensorSourceSpec"/>. A reading follows from the seed and its index, so that any position can be
/// read again; when the first one was taken is kept with the position.
/// </summary>
internal sealed class SensorSource(SensorOptions options, Schema schema, IClock clock) : ISource
{
    public Schema Schema => schema;

    public int PartitionCount => 1;

    public long? TotalBytes => null;

    public ReadOnlyMemory<byte> Identity { get; } = Encoding.UTF8.GetBytes(new SensorSourceSpec(options).Canonical);

    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity) => identity.SequenceEqual(Identity.Span)
        ? true
        : new Failure(FailureKind.Mismatch, "the generated readings have other settings than when the snapshot was taken");

    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position) => new Partition(options, schema, clock, position);

    public void Dispose()
    {
    }

    private sealed class Partition : ISourcePartition
    {
        /// <summary>Readings of a batch.</summary>
        private const int RowsPerBatch = 8192;

        /// <summary>Batches of a round.</summary>
        private const int BatchesPerRound = 16;

        /// <summary>How often a paced source hands on what has come due: sooner than a person notices.</summary>
        private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

        private static readonly DateTime UnpacedStart = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        private readonly SensorOptions _options;
        private readonly Schema _schema;
        private readonly IClock _clock;
        private readonly ColumnBuilder[] _columns;
        private readonly long _startTicks;
        private long _next;
        private long _batchStart;

        internal Partition(SensorOptions options, Schema schema, IClock clock, ReadOnlySpan<byte> position)
        {
            (_options, _schema, _clock) = (options, schema, clock);
            _columns = [.. schema.Fields.Select(f => ColumnBuilder.Create(f.Type))];
            if (position.IsEmpty)
            {
                DateTime start = options.Start ?? (options.IsPaced ? clock.UtcNow.UtcDateTime : UnpacedStart);
                _startTicks = start.Ticks;
            }
            else if (position.Length == 2 * sizeof(long))
            {
                _startTicks = BinaryPrimitives.ReadInt64LittleEndian(position);
                _next = BinaryPrimitives.ReadInt64LittleEndian(position[sizeof(long)..]);
            }
            else
            {
                throw new SourceFailedException($"the snapshot's position of the generated readings has {position.Length} bytes and not 16: it is not one of this source");
            }
        }

        public Action? Wake { get; set; }

        public SourceCounts Counts => new(Interlocked.Read(ref _next), 0, 0);

        public SourceStep ReadRound(Action<Batch> emit, CancellationToken cancellationToken)
        {
            long end = Math.Min(_options.Rows ?? long.MaxValue, Due());
            if (_next >= end)
            {
                return _next >= _options.Rows ? SourceStep.End : SourceStep.Wait(Pace);
            }

            for (int i = 0; i < BatchesPerRound && _next < end; i++)
            {
                int count = (int)Math.Min(RowsPerBatch, end - _next);
                _batchStart = _next;
                emit(Make(count));
                Interlocked.Add(ref _next, count);
            }

            return SourceStep.Round;
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            Span<byte> bytes = writer.GetSpan(2 * sizeof(long));
            BinaryPrimitives.WriteInt64LittleEndian(bytes, _startTicks);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], _next);
            writer.Advance(2 * sizeof(long));
        }

        public string Locate(int row) => string.Create(CultureInfo.InvariantCulture, $"reading {_batchStart + row} (from 0)");

        public void Dispose()
        {
        }

        /// <summary>The index behind the last reading whose time has come.</summary>
        private long Due()
        {
            if (!_options.IsPaced)
            {
                return long.MaxValue;
            }

            double seconds = (_clock.UtcNow.UtcTicks - _startTicks) / (double)TimeSpan.TicksPerSecond;
            return (long)Math.Clamp(seconds * _options.RowsPerSecond, 0, long.MaxValue / 2);
        }

        private Batch Make(int count)
        {
            int sensor = _schema.IndexOf("sensor");
            int time = _schema.IndexOf("time");
            int value = _schema.IndexOf("value");
            for (int i = 0; i < count; i++)
            {
                SensorReading reading = SensorReading.At(_options, _startTicks, _next + i);
                Append(sensor, reading.Sensor);
                Append(time, reading.Time);
                Append(value, reading.Value);
            }

            return new Batch(_schema, [.. _columns.Select(c => c.Build())], count);
        }

        private void Append<T>(int column, T value)
            where T : unmanaged
        {
            if (column >= 0)
            {
                ((FixedColumnBuilder<T>)_columns[column]).Append(value);
            }
        }
    }
}
