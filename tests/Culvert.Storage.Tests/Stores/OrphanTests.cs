using Culvert.Kits;

namespace Culvert.Storage.Tests;

public class OrphanTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromHours(24);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_dead_writer_left_is_told_apart_from_faults_and_goes_when_nothing_came_for_a_day()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300, 1));
        await store.FlushAsync();
        await DieAsync(test, "u", TestStore.Bytes(300, 2));

        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.Empty(report.Findings);
        Orphan orphan = Assert.Single(report.Orphans);
        Assert.Equal((OrphanKind.Value, 5, false), (orphan.Kind, orphan.Objects, orphan.IsRemoved));
        Assert.Equal(["a", "b", "c", "d"], orphan.Clouds);
        test.Clock.Advance(s_day - TimeSpan.FromSeconds(60));
        Assert.False(Assert.Single((await store.VerifyAsync("u", repair: true, Cancel)).Value.Orphans).IsRemoved);
        test.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(Assert.Single((await store.VerifyAsync("u", repair: false, Cancel)).Value.Orphans).IsRemoved);
        Assert.NotEmpty(Named(test, orphan.Name));
        Assert.True(Assert.Single((await store.VerifyAsync("u", repair: true, Cancel)).Value.Orphans).IsRemoved);
        await store.FlushAsync();
        Assert.Empty(Named(test, orphan.Name));
        Assert.Empty((await store.VerifyAsync("u", repair: true, Cancel)).Value.Orphans);
        Assert.Equal(TestStore.Bytes(300, 1), await TestStore.GetAsync(store, "u"));
        Assert.All((await store.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));
    }

    [Fact]
    public async Task An_upload_that_is_under_way_is_not_taken_from_under_its_writer_by_gc()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();

        // Another client is about to put its metadata, and asks for no lock.
        await using Store writer = await test.OpenAsync();
        TaskCompletionSource awake = new();
        Hold(test, (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal), awake);
        Task<Outcome<PutReceipt>> put = writer.PutAsync("u", new MemoryStream(TestStore.Bytes(300, 2)), null, Cancel).AsTask();
        await using (UnitLease lease = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value)
        {
            Assert.Equal(0, (await store.CollectAsync("u", 5, lease, Cancel)).Value);
        }

        awake.SetResult();
        Assert.True((await put).Succeeded);
        await writer.FlushAsync();
        Assert.Equal(TestStore.Bytes(300, 2), await TestStore.GetAsync(store, "u"));
    }

    [Fact]
    public async Task Gc_removes_under_its_lease_what_was_given_up()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        await DieAsync(test, "u", TestStore.Bytes(300, 2));
        int before = test.Clouds[0].Objects.Count;
        await CollectAsync();
        Assert.Equal(before, test.Clouds[0].Objects.Count);
        test.Clock.Advance(s_day);
        await CollectAsync();
        await store.FlushAsync();
        Assert.Equal(before - 5, test.Clouds[0].Objects.Count);
        Assert.True((await store.VerifyAsync("u", repair: false, Cancel)).Value is { IsWhole: true, Orphans.Count: 0 });

        async Task CollectAsync()
        {
            await using UnitLease lease = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
            await store.CollectAsync("u", 5, lease, Cancel);
        }
    }

    [Fact]
    public async Task What_was_given_up_stays_while_another_holds_the_units_lease()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        await DieAsync(test, "u", TestStore.Bytes(300, 2));
        await store.VerifyAsync("u", repair: true, Cancel);
        test.Clock.Advance(s_day);
        await using Store other = await test.OpenAsync();
        await using UnitLease held = (await other.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        Orphan orphan = Assert.Single((await store.VerifyAsync("u", repair: true, Cancel)).Value.Orphans);
        Assert.False(orphan.IsRemoved);
        Assert.Contains($"it is left, since u: locked by writer {other.Writer}", orphan.Message, StringComparison.Ordinal);
        Assert.NotEmpty(Named(test, orphan.Name));
    }

    [Fact]
    public async Task An_upload_that_stood_still_for_half_the_time_is_neither_ended_nor_resumed()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        using SleepingStream asleep = new(TestStore.Bytes(300), () => test.Clock.Skew += s_day / 2 + TimeSpan.FromMinutes(1));
        Outcome<PutReceipt> put = await store.PutAsync("u", asleep, null, Cancel);
        Assert.Contains("the upload stood still for 12 hours", put.Failure?.Message, StringComparison.Ordinal);
        await store.FlushAsync();
        Assert.DoesNotContain(test.Clouds[0].Objects.Keys, name => name.Contains("/m/", StringComparison.Ordinal));

        // At once it goes on; half a day later it begins anew, since what was sent may be gone.
        await DieAsync(test, "v", TestStore.Bytes(640), state);
        await DieAsync(test, "w", TestStore.Bytes(640), state);
        await using Store again = await test.OpenAsync(state);
        Assert.Equal(10, (await TestStore.PutAsync(again, "v", TestStore.Bytes(640))).ChunksResumed);
        test.Clock.Advance((s_day / 2) + TimeSpan.FromMinutes(1));
        Assert.Equal(0, (await TestStore.PutAsync(again, "w", TestStore.Bytes(640))).ChunksResumed);
    }

    [Fact]
    public async Task What_an_incomplete_record_no_longer_names_is_not_removed()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();

        // A put that keeps one version dies when one cloud has its record: what counts may still be the record before.
        foreach (TestCloud cloud in test.Clouds.Skip(1))
        {
            cloud.Fail = (call, name) => call == "put" && (name.Contains("/m/", StringComparison.Ordinal) || name == "h/u") ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;
        }

        await using (Store dying = await test.OpenAsync())
        {
            Assert.False((await dying.PutAsync("u", new MemoryStream(TestStore.Bytes(100, 2)), new PutOptions { Keep = 1 }, Cancel)).Succeeded);
        }

        foreach (int pass in new[] { 1, 2 })
        {
            UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
            Assert.All(report.Orphans, orphan => Assert.False(orphan.IsRemoved, orphan.Message));
            test.Clock.Advance(s_day);
        }

        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }

        test.Clouds[0].Objects.Clear();
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(100, 1), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task Leases_of_the_dead_and_planted_ones_and_records_below_the_oldest_go_at_once_and_one_that_counts_stays()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        byte[] old = test.Clouds[1].Objects[UnitObjects.Record(UnitName.TryParse("u").Value, 1)];
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 2), new PutOptions { Keep = 1 });
        await store.FlushAsync();
        test.Clouds[1].Objects[UnitObjects.Record(UnitName.TryParse("u").Value, 1)] = old;
        string dead;
        byte[] deadBytes;
        await using (UnitLease held = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value)
        {
            (dead, deadBytes) = test.Clouds[2].Objects.Single(o => o.Key.Contains("/l/", StringComparison.Ordinal));
        }

        test.Clock.Advance(TimeSpan.FromSeconds(131));
        test.Clouds[2].Objects[dead] = deadBytes;
        test.Clouds[3].Objects["u/u/l/0123456789abcdef-00000000000000000000000000000001"] = TestStore.Bytes(150);
        await using Store other = await test.OpenAsync();
        await using UnitLease counting = (await other.LockAsync("u", TimeSpan.Zero, Cancel)).Value;
        test.Clouds[2].Objects[dead] = deadBytes; // which taking a lease has removed
        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.Equal(
            [(OrphanKind.Record, "b", true), (OrphanKind.Lease, "d", true), (OrphanKind.Lease, "c", true)],
            report.Orphans.OrderBy(orphan => orphan.Kind).ThenByDescending(orphan => orphan.Clouds[0], StringComparer.Ordinal).Select(orphan => (orphan.Kind, orphan.Clouds[0], orphan.IsRemoved)));
        Assert.Empty(report.Findings);
        await store.FlushAsync();
        Assert.All(test.Clouds, cloud => Assert.Single(cloud.Objects.Keys, name => name.Contains("/l/", StringComparison.Ordinal)));
        Assert.Empty((await store.VerifyAsync("u", repair: true, Cancel)).Value.Orphans);
    }

    [Fact]
    public async Task Foreign_objects_are_told_and_left_to_their_owner()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100));
        await store.FlushAsync();
        string[] foreign = ["u/u/junk", "u/u/m/0", "u/u/b/zz/00000000", "u/u/b/0123456789abcdef0123456789abcdef/0000000g", "u/u/x/y"];
        foreach (string name in foreign)
        {
            test.Clouds[1].Objects[name] = [1];
        }

        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.True(report.IsWhole);
        Assert.Equal(foreign.Order(StringComparer.Ordinal), report.Orphans.Select(orphan => orphan.Name));
        Assert.All(report.Orphans, orphan => Assert.Equal((OrphanKind.Foreign, "b", false), (orphan.Kind, Assert.Single(orphan.Clouds), orphan.IsRemoved)));
        Assert.All(foreign, name => Assert.True(test.Clouds[1].Objects.ContainsKey(name)));
    }

    [Fact]
    public async Task A_sweep_finds_what_is_of_no_unit_and_what_removed_ones_left()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100));
        await TestStore.PutAsync(store, "gone", TestStore.Bytes(100));
        await store.FlushAsync();
        KeyValuePair<string, byte[]>[] before = [.. test.Clouds[0].Objects.Where(o => o.Key.StartsWith("u/gone/b/", StringComparison.Ordinal))];
        await store.RemoveAsync("gone", purge: false, null, Cancel);
        await store.FlushAsync();
        foreach ((string name, byte[] bytes) in before)
        {
            test.Clouds[0].Objects[name] = bytes; // it was away when they were to go
        }

        await DieAsync(test, "never", TestStore.Bytes(200));
        foreach (string name in new[] { "readme.txt", "p/0123", "h/A", "c/junk", "u/loose" })
        {
            test.Clouds[2].Objects[name] = [1];
        }

        IReadOnlyList<Orphan> found = (await store.SweepAsync(["u"], repair: true, Cancel)).Value;
        Assert.Equal(["c/junk", "h/A", "p/0123", "readme.txt", "u/loose"], found.Where(orphan => orphan.Kind == OrphanKind.Foreign).Select(orphan => orphan.Name));
        Assert.Equal(["u/gone/b/", "u/never/b"], found.Where(orphan => orphan.Kind == OrphanKind.Value).Select(orphan => orphan.Name[..9]));
        Assert.All(found, orphan => Assert.False(orphan.IsRemoved));
        test.Clock.Advance(s_day);
        Assert.Equal(2, (await store.SweepAsync(["u"], repair: true, Cancel)).Value.Count(orphan => orphan.IsRemoved));
        await store.FlushAsync();
        Assert.DoesNotContain(test.Clouds.SelectMany(cloud => cloud.Objects.Keys), name => name.StartsWith("u/gone/b/", StringComparison.Ordinal) || name.StartsWith("u/never/", StringComparison.Ordinal));
        Assert.Equal(TestStore.Bytes(100), await TestStore.GetAsync(store, "u"));
    }

    /// <summary>A client sends all of a value, and dies before its metadata has left.</summary>
    private static async Task DieAsync(TestStore test, string unit, byte[] content, IBlobs? state = null)
    {
        await using Store dying = await test.OpenAsync(state);
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Fail = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;
        }

        Assert.False((await dying.PutAsync(unit, new MemoryStream(content), null, Cancel)).Succeeded);
        await dying.FlushAsync();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }
    }

    private static void Hold(TestStore test, Func<string, string, bool> which, TaskCompletionSource until)
    {
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Wait = (call, name) => which(call, name) ? until.Task : Task.CompletedTask;
        }
    }

    private static IEnumerable<string> Named(TestStore test, string prefix) =>
        test.Clouds.SelectMany(cloud => cloud.Objects.Keys).Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>A source that stands still in the middle.</summary>
    private sealed class SleepingStream(byte[] content, Action sleep) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == 192)
            {
                sleep();
            }

            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}
