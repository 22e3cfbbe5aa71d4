using Culvert.Cli.Simulate;

namespace Culvert.Simulation.Tests;

public class PlantedFlawTests
{
    /// <summary>A bug that hides for more seeds than this would hide from a day's runs too.</summary>
    private const int SeedsMax = 500;

    public static TheoryData<string> Names => [.. PlantedFlaws.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_bug_is_found_and_its_seed_replays(string name)
    {
        (DataflowFlaw flaw, AttackKind? attack) = PlantedFlaws.All[name];
        Scenario scenario = attack is null ? new DataflowScenario(flaw) : new HostileRouterScenario(flaw, attack);

        Campaign campaign = Simulator.RunSeeds(scenario, 1, SeedsMax);

        Assert.True(campaign.Failed is not null, $"inconclusive: {name} was not found in {SeedsMax} seeds, so what passes says little");
        Assert.DoesNotContain("not deterministic", campaign.Failed.Failure, StringComparison.Ordinal);
        Assert.Contains($"culvert simulate --protocol {scenario.Name} --seed {campaign.Failed.Seed} --trace", campaign.Failed.ToString(), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"found in seed {campaign.Failed.Seed}: {campaign.Failed.Failure}");
    }
}
