namespace Culvert.Simulation.Tests;

public class SimulatorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_world_and_another_one_another()
    {
        Gossip gossip = new(int.MaxValue);
        SeedResult first = Simulator.RunSeed(gossip, 11, 100);
        Assert.Equal(first.Trace, Simulator.RunSeed(gossip, 11, 100).Trace);
        Assert.Equal(first.Fingerprint, Simulator.RunSeed(gossip, 11).Fingerprint);
        Assert.NotEqual(first.Fingerprint, Simulator.RunSeed(gossip, 12).Fingerprint);
        Assert.Null(first.Failure);
    }

    [Fact]
    public void A_failure_prints_its_seed_the_command_that_replays_it_and_the_trace()
    {
        Campaign campaign = Simulator.RunSeeds(new Gossip(5), 40, 10);
        Assert.Equal(1, campaign.Seeds);
        string text = campaign.Failed!.ToString();
        Assert.StartsWith("gossip: seed 40 failed after", text, StringComparison.Ordinal);
        Assert.Contains("nobody hears more than 5 messages: 6", text, StringComparison.Ordinal);
        Assert.Contains("culvert simulate --protocol gossip --seed 40 --trace", text, StringComparison.Ordinal);
        Assert.Contains("b            <- a: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_campaign_tells_what_it_has_never_seen()
    {
        Campaign campaign = Simulator.RunSeeds(new Gossip(int.MaxValue), 1, 3);
        Assert.Equal(3, campaign.Seeds);
        Assert.Equal(3, campaign.Sightings["talk"]);
        Assert.Equal(["quarrel"], campaign.Unseen("talk", "quarrel"));
    }

    [Fact]
    public void A_scenario_that_is_not_deterministic_is_told()
    {
        Campaign campaign = Simulator.RunSeeds(new Moody(), 1, 1);
        Assert.Contains("it is not deterministic", campaign.Failed!.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_leaves_for_another_thread_is_caught_at_the_next_port()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        InvalidOperationException? caught = null;
        node.After(TimeSpan.Zero, () =>
        {
            Thread stray = new(() => caught = Assert.Throws<InvalidOperationException>(() => node.Send("a", "lost")));
            stray.Start();
            stray.Join();
        });
        world.Run();
        Assert.Contains("left the world for another thread", caught?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_without_events_is_quiet_and_an_endless_one_runs_out_of_steps()
    {
        World world = new(1);
        Assert.Equal(RunEnd.Quiet, world.Run());
        world.After(TimeSpan.Zero, Again);
        Assert.Equal(RunEnd.OutOfSteps, world.Run(stepsMax: 10));
        Assert.Equal(10, world.Steps);
        Assert.Equal(RunEnd.Reached, world.Run(() => world.Steps == 12));

        void Again() => world.After(TimeSpan.FromSeconds(1), Again);
    }

    [Fact]
    public void A_trace_keeps_the_newest_entries()
    {
        World world = new(1, 2);
        for (int i = 0; i < 5; i++)
        {
            world.Note("test", $"entry {i}");
        }

        Assert.Equal("... 3 earlier entries are not shown\n  0.000000 test         entry 3\n  0.000000 test         entry 4\n", world.Trace.ToString());
    }

    private sealed class Gossip(int heardMax) : Scenario
    {
        public override string Name => "gossip";

        public override void Run(World world)
        {
            int heard = 0;
            SimulatedNode a = world.AddNode("a", _ => new IdleProcess());
            world.AddNode("b", _ => new IdleProcess { Received = (_, _) => heard++ });
            world.Always($"nobody hears more than {heardMax} messages", () => heard > heardMax ? $"{heard}" : null);
            for (int i = 0; i < 20; i++)
            {
                a.Send("b", i);
            }

            world.Saw("talk");
            world.Run();
        }
    }

    private sealed class Moody : Scenario
    {
        private int _runs;

        public override string Name => "moody";

        public override void Run(World world) => world.Fail($"mood {_runs++}");
    }
}
