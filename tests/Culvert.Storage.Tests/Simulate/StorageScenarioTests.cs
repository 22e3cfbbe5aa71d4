using Culvert.Cli.Simulate;
using Culvert.Simulation;

namespace Culvert.Storage.Tests;

public class StorageScenarioTests
{
    /// <summary>A bug that hides for more seeds than this would hide from a day's runs too.</summary>
    private const int SeedsMax = 600;

    public static TheoryData<string> Flaws => [.. StorageFlaw.All.Keys];

    [Fact]
    public void Every_history_is_regular_and_no_read_gives_a_wrong_byte_whatever_f_clouds_do()
    {
        int seeds = Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1" ? 10_000 : 250;
        Campaign campaign = Simulator.RunSeeds(new StorageScenario(), 1, seeds, threads: Environment.ProcessorCount);
        Assert.True(campaign.Failed is null, campaign.Failed?.ToString());
        string[] lies = [.. Enum.GetValues<LieKinds>().Where(kind => kind != LieKinds.None).Select(kind => $"lie told: {kind}")];
        Assert.Empty(campaign.Unseen([
            "crash", "garbage collected", "lease held", "lease refused", "write confirmed", "read", "read of nothing", "older version read", "repaired",
            "stranger could not read", "cloud replaced", "replacement begun again", "replacement while writers rest", "replacement while writers write",
            "world of f liars", "world of more than f liars", .. lies]));
    }

    [Fact]
    public void A_campaign_gives_the_same_on_any_number_of_threads()
    {
        Campaign one = Simulator.RunSeeds(new StorageScenario(), 500, 12);
        Campaign three = Simulator.RunSeeds(new StorageScenario(), 500, 12, threads: 3);
        Assert.Equal(one.Steps, three.Steps);
        Assert.Equal(one.Sightings, three.Sightings);
        StorageScenario flawed = new(StorageFlaw.All["metadata leaves before its value is kept"]);
        Campaign first = Simulator.RunSeeds(flawed, 1, SeedsMax);
        Campaign same = Simulator.RunSeeds(flawed, 1, SeedsMax, threads: 3);
        Assert.Equal((first.Failed?.Seed, first.Failed?.Fingerprint, first.Seeds), (same.Failed?.Seed, same.Failed?.Fingerprint, same.Seeds));
        Assert.Equal(first.Failed?.Failure, same.Failed?.Failure);
        Assert.Equal(first.Sightings, same.Sightings);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_planted_bug_is_found_and_its_seed_replays(string name)
    {
        Campaign campaign = Simulator.RunSeeds(new StorageScenario(StorageFlaw.All[name], name), 1, SeedsMax, threads: Environment.ProcessorCount);
        Assert.True(campaign.Failed is not null, $"inconclusive: '{name}' was not found in {SeedsMax} seeds, so what passes says little");
        Assert.DoesNotContain("not deterministic", campaign.Failed.Failure, StringComparison.Ordinal);
        Assert.Equal($"culvert simulate --protocol storage --flaw \"{name}\" --seed {campaign.Failed.Seed} --trace", campaign.Failed.ReplayCommand);
        TestContext.Current.TestOutputHelper?.WriteLine($"found in seed {campaign.Failed.Seed}: {campaign.Failed.Failure}");
    }
}
