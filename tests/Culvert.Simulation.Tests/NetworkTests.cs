namespace Culvert.Simulation.Tests;

public class NetworkTests
{
    private const int Messages = 200;

    private readonly World _world = new(7);
    private readonly List<int> _received = [];
    private readonly SimulatedNode _a;
    private readonly SimulatedNode _b;

    public NetworkTests()
    {
        _a = _world.AddNode("a", _ => new IdleProcess());
        _b = _world.AddNode("b", _ => new IdleProcess { Received = (_, message) => _received.Add((int)message) });
    }

    [Fact]
    public void Without_faults_each_message_comes_once_if_not_in_order()
    {
        SendAll();
        Assert.Equal(Enumerable.Range(0, Messages), _received.Order());
        Assert.NotEqual(Enumerable.Range(0, Messages), _received);
    }

    [Fact]
    public void Some_messages_are_lost_and_some_come_twice()
    {
        _world.Network.Faults = new NetworkFaults { Loss = 0.2, Duplication = 0.2 };
        SendAll();
        Assert.InRange(_received.Distinct().Count(), Messages / 2, Messages - 1);
        Assert.True(_received.Count > _received.Distinct().Count());
    }

    [Fact]
    public void Those_on_other_sides_are_not_reached_until_the_network_is_whole()
    {
        _world.Network.Part(["a"], ["b"]);
        _a.Send("b", 1);
        _world.Run();
        Assert.Empty(_received);

        _world.Network.Heal();
        _a.Send("b", 2);
        _world.Run();
        Assert.Equal([2], _received);
    }

    [Fact]
    public void What_is_on_its_way_to_a_node_that_crashes_is_lost_also_when_it_is_up_again()
    {
        _a.Send("b", 1);
        _b.Crash();
        _a.Send("b", 2);
        _b.Start();
        _a.Send("b", 3);
        _world.Run();
        Assert.Equal([3], _received);
    }

    [Fact]
    public void A_byzantine_network_carries_what_it_likes()
    {
        _world.Network.Tamper = envelope => (int)envelope.Message switch
        {
            0 => [],
            1 => [envelope with { Message = 10 }],
            _ => [envelope, envelope],
        };
        _a.Send("b", 0);
        _a.Send("b", 1);
        _a.Send("b", 2);
        _world.Run();
        Assert.Equal([2, 2, 10], _received.Order());
    }

    [Fact]
    public void A_calm_world_has_an_honest_and_whole_network_and_all_nodes_up()
    {
        _world.Network.Faults = new NetworkFaults { Loss = 1, Duplication = 1 };
        _world.Network.Part(["a"], ["b"]);
        _world.Network.Tamper = _ => [];
        _b.Crash();
        _world.Calm();
        SendAll();
        Assert.Equal(Enumerable.Range(0, Messages), _received.Order());
    }

    private void SendAll()
    {
        for (int i = 0; i < Messages; i++)
        {
            _a.Send("b", i);
        }

        _world.Run();
    }
}
