namespace Culvert.Simulation.Tests;

public class SimulatedNodeTests
{
    private readonly World _world = new(3);

    [Fact]
    public void A_process_starts_gets_its_timers_and_knows_the_time()
    {
        List<string> heard = [];
        SimulatedNode node = _world.AddNode("a", n => new IdleProcess
        {
            Started = () => n.SetTimer(TimeSpan.FromSeconds(2), "two"),
            Rang = timer => heard.Add($"{timer} at {n.Clock.Elapsed.TotalSeconds}"),
        });
        _world.Run();
        Assert.Equal(["two at 2"], heard);
        Assert.Equal(TimeSpan.FromSeconds(2), _world.Now);
        Assert.True(node.IsUp);
    }

    [Fact]
    public void Timers_do_not_outlive_a_crash()
    {
        int starts = 0;
        List<object> heard = [];
        SimulatedNode node = _world.AddNode("a", n => new IdleProcess
        {
            Started = () => n.SetTimer(TimeSpan.FromSeconds(1), starts++),
            Rang = heard.Add,
        });
        _world.After(TimeSpan.FromSeconds(0.5), node.Crash);
        _world.After(TimeSpan.FromSeconds(0.6), () => node.Restart(TimeSpan.FromSeconds(1)));
        _world.Run();
        Assert.Equal([(object)1], heard);
    }

    [Fact]
    public void What_awaits_a_port_does_not_go_on_after_a_crash()
    {
        List<string> done = [];
        SimulatedNode node = _world.AddNode("a", _ => new IdleProcess());
        node.Spawn(async () =>
        {
            await node.Clock.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            done.Add("slept");
            await node.Clock.Delay(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
            done.Add("slept again");
        });
        _world.After(TimeSpan.FromSeconds(1.5), node.Crash);
        _world.Run();
        Assert.Equal(["slept"], done);
    }

    [Fact]
    public void A_clock_may_be_ahead_and_may_go_fast()
    {
        SimulatedNode node = _world.AddNode("a", _ => new IdleProcess());
        DateTimeOffset start = node.Clock.UtcNow;
        node.ClockSkew = TimeSpan.FromMinutes(1);
        node.ClockRate = 2;
        Assert.Equal(start + TimeSpan.FromMinutes(1), node.Clock.UtcNow);
        node.SetTimer(TimeSpan.FromSeconds(10), "ring");
        _world.Run();
        Assert.Equal(TimeSpan.FromSeconds(5), _world.Now);
        Assert.Equal(TimeSpan.FromSeconds(10), node.Clock.Elapsed);
    }

    [Fact]
    public void A_delay_can_be_cancelled()
    {
        using CancellationTokenSource cancel = new();
        SimulatedNode node = _world.AddNode("a", _ => new IdleProcess());
        Task delay = node.Clock.Delay(TimeSpan.FromSeconds(1), cancel.Token);
        cancel.Cancel();
        Assert.True(delay.IsCanceled);
        Assert.True(node.Clock.Delay(TimeSpan.FromSeconds(1), cancel.Token).IsCanceled);
    }

    [Fact]
    public void Entropy_comes_from_the_seed()
    {
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));
    }

    [Fact]
    public void An_exception_of_a_process_fails_the_run_and_names_the_node()
    {
        _world.AddNode("a", _ => new IdleProcess { Started = () => throw new InvalidOperationException("broken") });
        Assert.Equal("a: InvalidOperationException: broken", Assert.Throws<SimulationFailedException>(() => _world.Run()).Message);
    }

    [Fact]
    public void So_does_one_that_leaves_asynchronous_code()
    {
        SimulatedNode node = _world.AddNode("a", _ => new IdleProcess());
        node.Spawn(async () =>
        {
            await node.Disk.PutAsync("x", new byte[1], CancellationToken.None);
            throw new InvalidOperationException("broken");
        });
        Assert.Equal("a: InvalidOperationException: broken", Assert.Throws<SimulationFailedException>(() => _world.Run()).Message);
    }

    private static byte[] Draw(ulong seed)
    {
        byte[] bytes = new byte[21];
        new World(seed).AddNode("a", _ => new IdleProcess()).Entropy.Fill(bytes);
        return bytes;
    }
}
