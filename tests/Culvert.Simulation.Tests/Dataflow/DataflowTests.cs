using Culvert.Cli.Simulate;

namespace Culvert.Simulation.Tests;

public class DataflowTests
{
    [Fact]
    public void What_comes_out_is_what_an_undisturbed_run_gives_whatever_crashes_and_whatever_the_network_does()
    {
        Campaign campaign = Simulator.RunSeeds(new DataflowScenario(), 1, Seeds.Count(waiting: 300, nightly: 20_000));

        Assert.True(campaign.Failed is null, campaign.Failed?.ToString());
        Assert.Empty(campaign.Unseen("crash", "crash after the end", "resumed from a snapshot", "snapshot committed", "duplicate dropped"));
    }
}
