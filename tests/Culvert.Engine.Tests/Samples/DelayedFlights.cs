using Culvert.Streams;

namespace Culvert.Engine.Tests.Samples;

public sealed record Flight(string UniqueCarrier, int? ArrDelay);

public sealed class DelayedFlights : IJob
{
    public Job Define(JobContext context) => Source.FromCsv<Flight>(context.Inputs, new CsvOptions { Missing = ["", "NA"] })
        .Where(f => f.ArrDelay > 0)
        .GroupBy(f => f.UniqueCarrier)
        .Aggregate(g => new
        {
            carrier = g.Key,
            delayed = g.Count(),
            total = g.Sum(f => f.ArrDelay),
            average = g.Average(f => f.ArrDelay),
        })
        .To(context.Output)
        .AsJob("delayed-flights");
}
