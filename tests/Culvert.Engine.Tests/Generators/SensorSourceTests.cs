using System.Buffers;
using Culvert.Enclaves;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Generators;

public class SensorSourceTests
{
    [Fact]
    public void Readings_follow_from_the_seed_and_go_on_from_any_position()
    {
        SensorOptions options = new() { Rows = 300_000, Seed = 7 };
        List<object?[]> whole = Read(options, default, out _, rounds: int.MaxValue);
        _ = Read(options, default, out byte[] position, rounds: 1);
        List<object?[]> rest = Read(options, position, out _, rounds: int.MaxValue);

        Assert.Equal(300_000, whole.Count);
        Assert.InRange(rest.Count, 1, 299_999);
        Assert.Equal(whole[^rest.Count..], rest);
        Assert.NotEqual(whole[0], Read(options with { Seed = 8 }, default, out _, rounds: 1)[0]);
    }

    [Fact]
    public void Paced_readings_come_when_their_time_has_come()
    {
        StillClock clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using ISource source = new SensorSourceSpec(new SensorOptions { RowsPerSecond = 10, Disorder = TimeSpan.Zero }).Open(SensorSourceSpec.Readings, clock);
        using ISourcePartition partition = source.Open(new PartitionId(0), default);

        Assert.Equal(SourceStepKind.Wait, partition.ReadRound(_ => Assert.Fail("nothing is due"), TestContext.Current.CancellationToken).Kind);
        clock.UtcNow += TimeSpan.FromSeconds(2);
        List<object?[]> rows = [];
        Assert.Equal(SourceStepKind.Round, partition.ReadRound(Keep(rows), TestContext.Current.CancellationToken).Kind);

        Assert.Equal(20, rows.Count);
        Assert.Equal(new DateTime(2026, 1, 1, 0, 0, 1, 900, DateTimeKind.Utc), rows[^1][1]);
        Assert.Equal(SourceStepKind.Wait, partition.ReadRound(_ => Assert.Fail("nothing is due"), TestContext.Current.CancellationToken).Kind);
    }

    [Fact]
    public void Options_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SensorSourceSpec(new SensorOptions { Sensors = 0 }));
        Assert.Throws<ArgumentException>(() => new SensorSourceSpec(new SensorOptions { RowsPerSecond = 0 }));
        Assert.Throws<ArgumentException>(() => new SensorSourceSpec(new SensorOptions { Rows = -1 }));
    }

    private static List<object?[]> Read(SensorOptions options, ReadOnlySpan<byte> from, out byte[] position, int rounds)
    {
        List<object?[]> rows = [];
        using ISource source = new SensorSourceSpec(options).Open(SensorSourceSpec.Readings, MachineClock.Instance);
        using ISourcePartition partition = source.Open(new PartitionId(0), from);
        for (int i = 0; i < rounds && partition.ReadRound(Keep(rows), TestContext.Current.CancellationToken).Kind == SourceStepKind.Round; i++)
        {
        }

        ArrayBufferWriter<byte> writer = new();
        partition.WritePosition(writer);
        position = writer.WrittenSpan.ToArray();
        return rows;
    }

    private static Action<Batch> Keep(List<object?[]> rows) => batch =>
    {
        using (batch)
        {
            rows.AddRange(Enumerable.Range(0, batch.Count).Select(batch.GetRow));
        }
    };

    private sealed class StillClock(DateTimeOffset now) : IClock
    {
        public DateTimeOffset UtcNow { get; set; } = now;

        public TimeSpan Elapsed => TimeSpan.Zero;

        public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
