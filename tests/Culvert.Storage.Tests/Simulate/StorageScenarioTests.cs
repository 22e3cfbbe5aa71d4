using Culvert.Cli.Simulate;
using Culvert.Simulation;

namespace Culvert.Storage.Tests;

public class StorageScenarioTests
{
    /// <summary>A bug that hides for more seeds than this would hide from a day's runs too.</summary>
    private const int SeedsMax = 1000;

    public static TheoryData<string> Flaws => [.. StorageFlaw.All.Keys];

    [Fact]
    public void Every_history_is_regular_and_no_read_gives_a_wrong_byte_whatever_f_clouds_do()
    {
        int seeds = Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1" ? 10_000 : 150;
        Campaign campaign = Simulator.RunSeeds(new StorageScenario(), 1, seeds);
        Assert.True(campaign.Failed is null, campaign.Failed?.ToString());
        string[] lies = [.. Enum.GetValues<LieKinds>().Where(kind => kind != LieKinds.None).Select(kind => $"a cloud that may {kind}")];
        Assert.Empty(campaign.Unseen(["crash", "garbage collected", "lease held", "lease refused", "write confirmed", "read", "read of nothing", "repaired", "f + 1 clouds lie", .. lies]));
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_planted_bug_is_found_and_its_seed_replays(string name)
    {
        Campaign campaign = Simulator.RunSeeds(new StorageScenario(StorageFlaw.All[name]), 1, SeedsMax);
        Assert.True(campaign.Failed is not null, $"inconclusive: '{name}' was not found in {SeedsMax} seeds, so what passes says little");
        Assert.DoesNotContain("not deterministic", campaign.Failed.Failure, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"found in seed {campaign.Failed.Seed}: {campaign.Failed.Failure}");
    }
}
