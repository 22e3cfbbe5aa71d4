using Culvert.JobFiles.Tests.Fakes;
using Culvert.Streams;

namespace Culvert.JobFiles.Tests;

public class ExampleJobTests
{
    private static JobFileReading Load(params string[] path)
    {
        string file = Repository.PathOf(["examples", .. path]);
        return JobFile.Load(File.ReadAllText(file), Jobs.Context(string.Join('/', path)));
    }

    [Fact]
    public void Delayed_flights_become_a_filter_and_an_aggregate_over_two_declared_columns()
    {
        JobFileReading reading = Load("delayed-flights", "job.yaml");

        Assert.Empty(reading.Diagnostics.Select(d => d.ToText()));
        Assert.Equal(
            """
            0 source: source csv sample.csv
            1 delayed: where int64(ArrDelay) > 0 <- 0
            2 by-carrier: aggregate [carrier=UniqueCarrier] delayed=Count(), total=Sum(ArrDelay), average=Average(ArrDelay) <- 1
            3 sink Table <- 2
            """,
            Jobs.Show(reading.File!.Job));
        SourceNode source = (SourceNode)reading.File.Streams["source"];
        CsvRequest request = ((FakeSource)source.Source).Request!;
        Assert.Equal(["NA", ""], request.Options.Missing);
        Assert.Equal(29, source.Schema.Count);
        Assert.Equal("int32?", source.Schema[source.Schema.IndexOf("ArrDelay")].Type.ToString());
        Assert.Equal("carrier: text, delayed: int64, total: int64, average: float64?", reading.File.Job.Sinks[0].Schema.ToString());
    }
}
