// The average of each sensor over the last ten seconds, every second, until Ctrl-C:
//   dotnet run --project examples/Sensors -c Release
using Culvert.Engine;
using Culvert.Streams;

return await JobHost.RunAsync(args, context => Source.From(Readings.Endless(sensors: 5, readingsPerSecond: 100))
    .WithEventTime(r => r.Time, disorder: TimeSpan.FromSeconds(2))
    .GroupBy(r => r.Sensor)
    .Window(WindowSpec.Sliding(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)))
    .Aggregate(g => new
    {
        window = g.WindowEnd,
        sensor = g.Key,
        readings = g.Count(),
        average = g.Average(r => r.Value),
    })
    .To(context.Output)
    .AsJob("sensors"));
