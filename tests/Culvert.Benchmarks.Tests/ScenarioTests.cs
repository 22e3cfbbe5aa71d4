namespace Culvert.Benchmarks.Tests;

public class ScenarioTests
{
    private static readonly BenchmarkOptions s_tiny = new() { Rows = 2_000, Repeats = 1, FetchPeers = false };

    public static TheoryData<string> Names => [.. Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenarios_contenders_answer_alike_on_little_data(string name)
    {
        IScenario scenario = Scenarios.All.Single(each => each.Name == name);

        ScenarioResult result = Harness.Run(scenario, s_tiny, TextWriter.Null);

        string?[] absent = [.. result.Measurements.Select(measurement => measurement.Absent)];
        Assert.SkipWhen(absent.All(reason => reason is not null), $"NOTHING OF IT COULD RUN: {absent.FirstOrDefault()}");
        Assert.All(result.Measurements, measurement => Assert.Equal(measurement.Absent is null ? 1 : 0, measurement.Seconds.Count));
        Assert.Contains(result.Against, result.Measurements.Select(measurement => measurement.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_contender_of_a_scenario_is_away(string name)
    {
        PreparedScenario prepared = Scenarios.All.Single(each => each.Name == name).Prepare(s_tiny);
        string[] absent = [.. prepared.Contenders.Where(each => each.Absent is not null).Select(each => $"{each.Name}: {each.Absent}")];

        Assert.SkipWhen(absent.Length > 0, string.Join("; ", absent));
    }

    [Fact]
    public void A_part_is_known_by_its_word()
    {
        Assert.Equal(["erasure-encode", "erasure-decode-parity", "erasure-decode-mixed"], Scenarios.OfPart("erasure")!.Select(scenario => scenario.Name));
        Assert.Contains("group-by", Scenarios.OfPart("engine")!.Select(scenario => scenario.Name));
        Assert.Null(Scenarios.OfPart("nothing"));
    }

    [Fact]
    public void Names_of_scenarios_differ() =>
        Assert.Equal(Scenarios.All.Count, Scenarios.All.Select(scenario => scenario.Name).Distinct().Count());
}
