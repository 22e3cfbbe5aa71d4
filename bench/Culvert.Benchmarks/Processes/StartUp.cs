using Culvert.Benchmarks.Flights;

namespace Culvert.Benchmarks.Processes;

/// <summary>How long a person waits for the command: its help, and the sample in the repository worked off.</summary>
public sealed class StartUp : IScenario
{
    /// <inheritdoc/>
    public string Name => "start-up";

    /// <inheritdoc/>
    public string Title => "The command's second start: what it answers once it is built";

    /// <inheritdoc/>
    public string Against => "culvert --help";

    /// <inheritdoc/>
    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        string sample = Repository.PathOf("examples", "delayed-flights", "sample.csv");
        string? missing = CulvertCommand.WhyMissing();
        return new PreparedScenario(
            [
                new Contender(Against, ContenderRole.Culvert, () =>
                {
                    Repository.Run(CulvertCommand.Path, ["--help"]);
                    return "";
                }),
                missing is not null
                    ? Contender.Missing("culvert run, the sample", ContenderRole.Culvert, missing)
                    : new Contender("culvert run, the sample", ContenderRole.Culvert, () => DelayedFlightsAnswer.FromJson(
                        Repository.Run(CulvertCommand.Path, CulvertCommand.Arguments(sample))))
                    {
                        Expected = DelayedFlightsFromCsv.RunBareLoop(sample, 1),
                    },
            ],
            1,
            "starts");
    }
}
