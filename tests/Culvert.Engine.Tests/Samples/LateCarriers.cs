using System.Globalization;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Samples;

public sealed class LateCarriers : IJob
{
    public Job Define(JobContext context)
    {
        int minutes = int.Parse(context.Parameter("minutes", "15"), CultureInfo.InvariantCulture);
        return Source.FromCsv<Flight>(context.Inputs, new CsvOptions { Missing = ["", "NA"] })
            .Where(f => f.ArrDelay > minutes)
            .Where(IsOfTheUnitedStates)
            .GroupBy(f => f.UniqueCarrier)
            .Aggregate(g => new { carrier = g.Key, late = g.Count() })
            .To(context.Output)
            .AsJob("late-carriers");
    }

    private static bool IsOfTheUnitedStates(Flight flight) => flight.UniqueCarrier is not ("AC" or "LH");
}
