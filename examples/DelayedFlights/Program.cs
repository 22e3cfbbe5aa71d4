// How many flights of each carrier came late, and by how many minutes:
//   dotnet run --project examples/DelayedFlights -c Release -- 2008.csv
// The same in enclaves, over a file of 'culvert seal' or in the open:
//   dotnet run --project examples/DelayedFlights -c Release -- 2008.sealed --key owner.key --protection enclave
using Culvert.Engine;
using Culvert.Streams;

return await JobHost.RunAsync(args, context => Source.FromCsv<Flight>(context.Inputs, FlightFiles.Options)
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
    .AsJob("delayed-flights"));

internal sealed record Flight(string UniqueCarrier, int? ArrDelay);
