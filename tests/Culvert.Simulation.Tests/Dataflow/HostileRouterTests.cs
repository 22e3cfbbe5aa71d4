using Culvert.Cli.Simulate;

namespace Culvert.Simulation.Tests;

public class HostileRouterTests(ITestOutputHelper output)
{
    public static TheoryData<string> Kinds => [.. Enum.GetNames<AttackKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_router_does_to_a_frame_never_ends_in_a_wrong_result(string kind)
    {
        Campaign campaign = Simulator.RunSeeds(
            new HostileRouterScenario(only: Enum.Parse<AttackKind>(kind)), 1, Seeds.Count(waiting: 100, nightly: 3_000));

        foreach ((string what, long times) in campaign.Sightings)
        {
            output.WriteLine($"{what}: {times}");
        }

        Assert.True(campaign.Failed is null, campaign.Failed?.ToString());
        Assert.Empty(campaign.Unseen($"attack: {kind}"));
    }
}
