using Culvert.Streams;

namespace Culvert.Engine.Tests.Samples;

public sealed record Reading(string Sensor, DateTime Time, double Value);

public sealed record MinuteAverage(string Sensor, DateTime Minute, double Average);

public static class Readings
{
    public static WindowStream<MinuteAverage, Reading> PerMinute(Stream<Reading> readings) => readings
        .WithEventTime(r => r.Time, disorder: TimeSpan.FromSeconds(10))
        .GroupBy(r => r.Sensor)
        .Window(WindowSpec.Tumbling(TimeSpan.FromMinutes(1)))
        .Aggregate(g => new MinuteAverage(g.Key, g.WindowStart, g.Average(r => r.Value)));
}
