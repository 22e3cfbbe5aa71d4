using Culvert.Kits;

namespace Culvert.Storage.Tests;

public class LeaseTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_two_clients_holds_the_lease_until_it_gives_it_back()
    {
        using TestStore test = new();
        await using Store first = await test.CreateAsync();
        await using Store second = await test.OpenAsync();
        UnitLease held = (await first.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        Outcome<UnitLease> refused = await second.LockAsync("u", TimeSpan.Zero, Cancel);
        Assert.Equal(FailureKind.Mismatch, refused.Failure?.Kind);
        Assert.Equal($"u: locked by writer {first.Writer} until 2026-01-01 00:02:00Z", refused.Failure?.Message);
        await held.DisposeAsync();
        await using UnitLease next = (await second.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        Assert.Null(next.Refuse());
        Assert.Equal("u: the lease was lost: it was given back", held.Refuse()?.Message);
    }

    [Fact]
    public async Task A_dead_holders_lease_ends_by_itself_and_not_before_the_margin_is_over()
    {
        using TestStore test = new();
        await using Store first = await test.CreateAsync();
        await using Store second = await test.OpenAsync();
        UnitLease held = (await first.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        var files = test.Clouds.Select(cloud => cloud.Objects.Where(o => o.Key.Contains("/l/", StringComparison.Ordinal)).ToArray()).ToArray();
        await held.DisposeAsync();
        foreach ((TestCloud cloud, KeyValuePair<string, byte[]>[] leases) in test.Clouds.Zip(files))
        {
            Assert.Single(leases);
            cloud.Objects[leases[0].Key] = leases[0].Value;
        }

        test.Clock.Advance(TimeSpan.FromSeconds(125)); // two minutes, and part of the ten seconds of the margin
        Assert.False((await second.LockAsync("u", TimeSpan.Zero, Cancel)).Succeeded);
        test.Clock.Advance(TimeSpan.FromSeconds(6));
        await using UnitLease next = (await second.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
    }

    [Fact]
    public async Task A_lease_renews_itself_and_leaves_one_file_at_each_cloud()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        UnitLease held = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        for (int i = 0; i < 10; i++)
        {
            test.Clock.Advance(TimeSpan.FromSeconds(56));
            Assert.True(held.Left > TimeSpan.FromSeconds(100), $"renewed {i}: {held.Left}");
        }

        await store.FlushAsync();
        Assert.All(test.Clouds, cloud => Assert.Single(cloud.Objects.Keys, name => name.Contains("/l/", StringComparison.Ordinal)));
        await held.DisposeAsync();
        Assert.All(test.Clouds, cloud => Assert.DoesNotContain(cloud.Objects.Keys, name => name.Contains("/l/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_cloud_plants_is_no_lease_and_is_charged_to_it()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await using (UnitLease other = (await store.LockAsync("v", TimeSpan.Zero, Cancel)).Value)
        {
            KeyValuePair<string, byte[]> lease = test.Clouds[1].Objects.Single(o => o.Key.Contains("/l/", StringComparison.Ordinal));
            test.Clouds[1].Objects["u/u/l/0123456789abcdef-00000000000000000000000000000001"] = TestStore.Bytes(150);
            test.Clouds[1].Objects["u/u/l/junk"] = [];
            test.Clouds[1].Objects[lease.Key.Replace("u/v/", "u/u/", StringComparison.Ordinal)] = lease.Value;
            test.Clouds[3].IsDown = true; // so that the one that lies is needed
            await using Store second = await test.OpenAsync();
            await using UnitLease held = (await second.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
            StoreStatus status = await second.StatusAsync(false, Cancel);
            Assert.Equal(3, status.Clouds[1].Misbehaviour.Count(charge => charge.Kind == ChargeKind.Forged));
        }
    }

    [Fact]
    public async Task Nothing_is_put_under_a_lease_that_is_over()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await using UnitLease held = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = true;
        }

        test.Clock.Advance(TimeSpan.FromSeconds(111));
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }

        Outcome<PutReceipt> put = await store.PutAsync("u", new MemoryStream([1]), new PutOptions { Lease = held }, Cancel);
        Assert.Equal(FailureKind.Mismatch, put.Failure?.Kind);
        Assert.DoesNotContain(test.Clouds[0].Objects.Keys, name => name.Contains("/m/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_put_collected_or_removed_under_the_lease_of_another_unit()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 1));
        await using UnitLease held = (await store.LockAsync("v", TimeSpan.Zero, Cancel)).Value;
        Failure?[] refused =
        [
            (await store.PutAsync("u", new MemoryStream([1]), new PutOptions { Lease = held }, Cancel)).Failure,
            (await store.CollectAsync("u", 1, held, Cancel)).Failure,
            (await store.RemoveAsync("u", purge: false, held, Cancel)).Failure,
        ];
        Assert.All(refused, failure => Assert.Equal("u: the lease is that of v, another unit", failure?.Message));
        Assert.Equal(TestStore.Bytes(10, 1), await TestStore.GetAsync(store, "u"));
    }

    [Fact]
    public async Task A_paused_writer_that_wakes_up_behind_its_lease_does_not_take_the_newer_versions_place()
    {
        using TestStore test = new();
        await using Store paused = await test.CreateAsync();
        await using Store other = await test.OpenAsync(new MemoryBlobs());
        await TestStore.PutAsync(paused, "u", TestStore.Bytes(10, 1));
        await paused.FlushAsync();
        await using UnitLease held = (await paused.LockAsync("u", TimeSpan.Zero, Cancel)).Value;

        // It stops right before its metadata leaves, and meanwhile another puts two versions.
        TaskCompletionSource awake = new();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Wait = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? awake.Task : Task.CompletedTask;
        }

        Task<Outcome<PutReceipt>> late = paused.PutAsync("u", new MemoryStream(TestStore.Bytes(10, 2)), new PutOptions { Lease = held }, Cancel).AsTask();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Wait = (_, _) => Task.CompletedTask;
        }

        await TestStore.PutAsync(other, "u", TestStore.Bytes(10, 3));
        await TestStore.PutAsync(other, "u", TestStore.Bytes(10, 4));
        awake.SetResult();
        Outcome<PutReceipt> refused = await late;
        Assert.Equal(FailureKind.Mismatch, refused.Failure?.Kind);
        Assert.Contains("another writer", refused.Failure?.Message, StringComparison.Ordinal);
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(10, 4), await TestStore.GetAsync(reader, "u"));
    }
}
