namespace Culvert.Simulation.Tests;

public class SimulatedDiskTests
{
    [Fact]
    public void A_put_that_completed_outlives_a_crash()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        ValueTask put = node.Disk.PutAsync("x", new byte[] { 1, 2 }, CancellationToken.None);
        world.Run();
        Assert.True(put.IsCompletedSuccessfully);
        node.Crash();
        Assert.Equal([1, 2], world.Disk("a").Blobs["x"]);
    }

    [Fact]
    public void Puts_under_way_at_a_crash_come_to_be_or_not_and_whole()
    {
        HashSet<string> seen = [];
        for (ulong seed = 0; seed < 40; seed++)
        {
            World world = new(seed);
            SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
            _ = node.Disk.PutAsync("x", new byte[] { 1 }, CancellationToken.None).AsTask();
            _ = node.Disk.PutAsync("y", new byte[] { 2, 3 }, CancellationToken.None).AsTask();
            node.Crash();
            world.Run();
            seen.Add(string.Join(" ", world.Disk("a").Blobs.Select(b => $"{b.Key}:{b.Value.Length}")));
        }

        Assert.Equal(["", "x:1", "x:1 y:2", "y:2"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_sees_a_put_before_it_completes()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        _ = node.Disk.PutAsync("x", new byte[] { 1 }, CancellationToken.None).AsTask();
        Assert.Empty(world.Disk("a").Blobs);
    }

    [Fact]
    public void A_full_disk_refuses_and_stays_as_it_was()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        world.Disk("a").BytesMax = 3;
        Task first = node.Disk.PutAsync("x", new byte[3], CancellationToken.None).AsTask();
        world.Run();
        Task second = node.Disk.PutAsync("y", new byte[1], CancellationToken.None).AsTask();
        world.Run();
        Assert.True(first.IsCompletedSuccessfully);
        Assert.IsType<IOException>(second.Exception?.InnerException);
        Assert.Equal(["x"], world.Disk("a").Blobs.Keys);
        Assert.Equal(3, world.Disk("a").Bytes);
    }

    [Fact]
    public void A_disk_that_fails_says_so_and_changes_nothing()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        world.Disk("a").FailureChance = 1;
        Task put = node.Disk.PutAsync("x", new byte[3], CancellationToken.None).AsTask();
        world.Run();
        Assert.IsType<IOException>(put.Exception?.InnerException);
        node.Crash();
        Assert.Empty(world.Disk("a").Blobs);
    }

    [Fact]
    public void Rot_flips_one_bit_of_one_blob()
    {
        World world = new(1);
        SimulatedNode node = world.AddNode("a", _ => new IdleProcess());
        Assert.Null(world.Disk("a").Rot());
        _ = node.Disk.PutAsync("x", new byte[8], CancellationToken.None).AsTask();
        world.Run();
        Assert.Equal("x", world.Disk("a").Rot());
        Assert.Equal(1, world.Disk("a").Blobs["x"].Sum(b => int.PopCount(b)));
    }
}
