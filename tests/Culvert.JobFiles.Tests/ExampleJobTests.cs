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
        Assert.Equal(["NA", "", "\\N"], request.Options.Missing);
        Assert.Equal(29, source.Schema.Count);
        Assert.Equal("int32?", source.Schema[source.Schema.IndexOf("ArrDelay")].Type.ToString());
        Assert.Equal("carrier: text, delayed: int64, total: int64, average: float64?", reading.File.Job.Sinks[0].Schema.ToString());
    }

    [Fact]
    public void The_same_in_Lua_maps_filters_and_reduces_lines()
    {
        JobFileReading reading = Load("delayed-flights", "lua", "job.yaml");

        Assert.Empty(reading.Diagnostics.Select(d => d.ToText()));
        Assert.Equal(
            """
            0 source: source lines ../sample.csv
            1 flights: code map.lua <- 0
            2 delayed: code filter.lua <- 1
            3 by-carrier: fold [carrier=carrier] reduce.lua <- 2
            4 sink Table <- 3
            """,
            Jobs.Show(reading.File!.Job));
        Assert.Equal("carrier: text, delayed: int64, total: int64, average: float64", reading.File.Job.Sinks[0].Schema.ToString());
    }

    [Fact]
    public void Sensors_are_averaged_over_sliding_windows()
    {
        JobFileReading reading = Load("sensors", "job.yaml");

        Assert.DoesNotContain(reading.Diagnostics, d => d.Severity != Severity.Note);
        Assert.Equal(
            """
            0 source: source generate sensors
            1 time time disorder 00:00:02 <- 0
            2 averages: aggregate [sensor=sensor] readings=Count(), average=Average(value) sliding 00:00:10 by 00:00:01 <- 1
            3 sink Table <- 2
            """,
            Jobs.Show(reading.File!.Job));
    }

    [Theory]
    [InlineData("delayed-flights", "job.yaml")]
    [InlineData("delayed-flights", "lua", "job.yaml")]
    [InlineData("sensors", "job.yaml")]
    public void Their_plans_are_read_back_under_every_protection(params string[] path)
    {
        Job job = Load(path).File!.Job;
        foreach (Protection protection in Enum.GetValues<Protection>())
        {
            Plan plan = Plan.Compile(JobProtection.Apply(job, protection));
            Outcome<Plan> read = Plan.Read(plan.WriteCanonical(), PlanParts.From(plan));
            Assert.True(read.Succeeded, read.Failure?.Message);
            Assert.Equal(plan.Digest, read.Value.Digest);
        }
    }

    [Fact]
    public void Each_names_the_schema_that_editors_complete_it_by()
    {
        string[] files = Directory.GetFiles(Repository.PathOf("examples"), "job.yaml", SearchOption.AllDirectories);

        Assert.Equal(3, files.Length);
        Assert.All(files, file =>
        {
            string first = File.ReadLines(file).First();
            const string Mark = "# yaml-language-server: $schema=";
            Assert.StartsWith(Mark, first, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, first[Mark.Length..])), file);
        });
    }
}
