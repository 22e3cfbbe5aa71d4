namespace Culvert.Benchmarks.Tests;

public class HarnessTests
{
    [Fact]
    public void Contenders_take_turns_and_the_first_round_does_not_count()
    {
        List<string> order = [];
        Contender Named(string name) => new(name, ContenderRole.Peer, () =>
        {
            order.Add(name);
            return "same";
        });

        ScenarioResult result = Harness.Run(new Made(Named("a"), Named("b")), new BenchmarkOptions { Repeats = 2 }, TextWriter.Null);

        Assert.Equal(["a", "b", "a", "b", "a", "b"], order);
        Assert.All(result.Measurements, measurement => Assert.Equal(2, measurement.Seconds.Count));
    }

    [Fact]
    public void Different_answers_end_the_benchmark()
    {
        Made scenario = new(new Contender("a", ContenderRole.Culvert, () => "1"), new Contender("b", ContenderRole.Peer, () => "2"));

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => Harness.Run(scenario, new BenchmarkOptions { Repeats = 1 }, TextWriter.Null));

        Assert.Contains("b and a answer differently", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_contender_that_is_away_is_named_with_its_reason_and_has_no_ratio()
    {
        Made scenario = new(new Contender("a", ContenderRole.Culvert, () => "1"), Contender.Missing("b", ContenderRole.Peer, "not here"));

        ScenarioResult result = Harness.Run(scenario, new BenchmarkOptions { Repeats = 1 }, TextWriter.Null);

        Assert.Equal("not here", result.Measurements[1].Absent);
        Assert.True(double.IsNaN(result.Ratio(result.Measurements[1])));
    }

    [Fact]
    public void Who_is_away_is_told_before_anything_is_measured()
    {
        using StringWriter progress = new();
        Made scenario = new(new Contender("a", ContenderRole.Culvert, () => "1"), Contender.Missing("b", ContenderRole.Peer, "not here"));

        Harness.Run(scenario, new BenchmarkOptions { Repeats = 1 }, progress);

        Assert.StartsWith("made: NOT MEASURED: b: not here", progress.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Medians_and_ratios_are_of_the_middle_run()
    {
        Measurement peer = new("peer", ContenderRole.Peer, [4, 2, 9], [1, 1, 1], null);
        Measurement culvert = new("Culvert", ContenderRole.Culvert, [1, 3], [1, 3], null);
        ScenarioResult result = new("n", "t", "peer", 8, "MB", [culvert, peer]);

        Assert.Equal((4, 2, 9), (peer.Median, peer.Fastest, peer.Slowest));
        Assert.Equal(2, culvert.Median);
        Assert.Equal(2, result.Ratio(culvert));
    }

    private sealed class Made(params Contender[] contenders) : IScenario
    {
        public string Name => "made";

        public string Title => "made for a test";

        public string Against => "b";

        public PreparedScenario Prepare(BenchmarkOptions options) => new(contenders, 1, "MB");
    }
}
