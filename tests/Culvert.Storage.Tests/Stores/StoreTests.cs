using Culvert.Kits;

namespace Culvert.Storage.Tests;

public class StoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<UnitProtocol, UnitKeyMode, int, int> Shapes
    {
        get
        {
            TheoryData<UnitProtocol, UnitKeyMode, int, int> shapes = [];
            foreach (int clouds in new[] { 1, 4, 7 })
            {
                foreach (int length in new[] { 0, 1, 47, 48, 63, 64, 65, 128, 1000, 5000 })
                {
                    shapes.Add(UnitProtocol.Sealed, UnitKeyMode.Shared, clouds, length);
                    shapes.Add(UnitProtocol.Sealed, UnitKeyMode.Sealed, clouds, length);
                    shapes.Add(UnitProtocol.Replicated, UnitKeyMode.None, clouds, length);
                }
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_was_put_is_what_any_client_gets(UnitProtocol protocol, UnitKeyMode mode, int clouds, int length)
    {
        using TestStore test = new(clouds) { Options = new StoreOptions { ChunkBytes = 64, Protocol = protocol, KeyMode = mode } };
        await using Store writer = await test.CreateAsync();
        byte[] content = TestStore.Bytes(length);
        PutReceipt put = await TestStore.PutAsync(writer, "reports/2026", content);
        Assert.Equal((1, length, 0), (put.Number, put.Bytes, put.ChunksResumed));
        await using Store reader = await test.OpenAsync();
        Assert.Equal(content, await TestStore.GetAsync(reader, "reports/2026"));
        byte[] part = new byte[70];
        Outcome<int> read = await reader.ReadAsync("reports/2026", 50, part, null, Cancel);
        Assert.Equal(content.Skip(50).Take(70), part.Take(read.Value));
    }

    [Fact]
    public async Task A_read_survives_any_one_cloud_that_is_down_or_lies()
    {
        using TestStore test = new();
        await using Store writer = await test.CreateAsync();
        byte[] content = TestStore.Bytes(300);
        await TestStore.PutAsync(writer, "u", TestStore.Bytes(100, seed: 1));
        await TestStore.PutAsync(writer, "u", content);
        await writer.FlushAsync();
        foreach (TestCloud faulty in test.Clouds)
        {
            Action[] faults =
            [
                () => faulty.IsDown = true,
                () => faulty.Serve = (_, bytes) => [.. bytes.Select((b, i) => i == bytes.Length / 2 ? (byte)(b ^ 1) : b)],
                () => faulty.Serve = (_, bytes) => bytes[..^1],
                () => faulty.Serve = (_, bytes) => null,
                () => faulty.Serve = (_, bytes) => faulty.Objects.Values.First(),
                () => faulty.Tell = (_, names) => [],
                () => faulty.Tell = (prefix, names) => names.Skip(1),
                () => faulty.Tell = (prefix, names) => [prefix + "0000000000000000", prefix + "7ffffffffffffff0", .. names],
                () => faulty.Serve = (name, bytes) => name.StartsWith("h/", StringComparison.Ordinal) ? faulty.Objects[faulty.Objects.Keys.Last(k => k.Contains("/m/", StringComparison.Ordinal))] : bytes,
            ];
            foreach (Action fault in faults)
            {
                fault();
                await using Store reader = await test.OpenAsync();
                Assert.Equal(content, await TestStore.GetAsync(reader, "u"));
                Assert.Equal(["u"], (await reader.ListAsync("", Cancel)).Value);
                faulty.IsDown = false;
                faulty.Serve = (_, bytes) => bytes;
                faulty.Tell = (_, names) => names;
            }
        }
    }

    [Fact]
    public async Task With_two_of_four_clouds_gone_there_is_an_honest_error()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Text("content"));
        await store.FlushAsync();
        test.Clouds[0].IsDown = true;
        test.Clouds[2].IsDown = true;
        Failure got = await TestStore.FailGetAsync(store, "u");
        Assert.Equal(FailureKind.Io, got.Kind);
        Assert.Equal("u: fewer than 3 of 4 clouds tell what it is (a: a is down; c: c is down)", got.Message);
        Outcome<PutReceipt> put = await store.PutAsync("u", new MemoryStream(new byte[5]), null, Cancel);
        Assert.Equal(FailureKind.Io, put.Failure?.Kind);
    }

    [Fact]
    public async Task With_two_of_four_clouds_lying_about_blocks_there_is_an_honest_error_and_both_are_named()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100));
        await store.FlushAsync();
        foreach (TestCloud lying in test.Clouds.Take(3))
        {
            lying.Serve = (name, bytes) => name.Contains("/b/", StringComparison.Ordinal) ? [.. bytes.Reverse()] : bytes;
        }

        Failure got = await TestStore.FailGetAsync(store, "u");
        Assert.Equal(FailureKind.Integrity, got.Kind);
        StoreStatus status = await store.StatusAsync(measure: false, Cancel);
        Assert.All(status.Clouds.Take(3), cloud => Assert.Contains(cloud.Misbehaviour, charge => charge.Kind == ChargeKind.Altered));
        Assert.Empty(status.Clouds[3].Misbehaviour);
    }

    [Fact]
    public async Task A_put_goes_on_at_a_slow_cloud_after_it_has_returned()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        TaskCompletionSource slow = new();
        test.Clouds[3].Wait = (call, _) => call == "put" ? slow.Task : Task.CompletedTask;
        PutReceipt put = await TestStore.PutAsync(store, "u", TestStore.Bytes(100));
        Assert.Equal(["d"], put.Behind);
        Assert.Equal(["d"], Assert.Single((await store.StatusAsync(false, Cancel)).Behind).Clouds);
        slow.SetResult();
        await store.FlushAsync();
        Assert.Empty((await store.StatusAsync(false, Cancel)).Behind);
        Assert.Equal(test.Clouds[0].Objects.Keys, test.Clouds[3].Objects.Keys);
    }

    [Fact]
    public async Task Versions_are_kept_until_they_are_collected()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        for (int i = 1; i <= 4; i++)
        {
            Assert.Equal(i, (await TestStore.PutAsync(store, "u", TestStore.Bytes(200, i))).Number);
        }

        Assert.Equal([1, 2, 3, 4], (await store.HistoryAsync("u", Cancel)).Value.Select(v => v.Number));
        Assert.Equal(TestStore.Bytes(200, 2), await TestStore.GetAsync(store, "u", 2));
        await store.FlushAsync();
        int before = test.Clouds[0].Objects.Count;
        Assert.Equal(2, (await store.CollectAsync("u", 2, null, Cancel)).Value);
        await store.FlushAsync();
        Assert.Equal([3, 4], (await store.HistoryAsync("u", Cancel)).Value.Select(v => v.Number));
        Assert.Equal(TestStore.Bytes(200, 3), await TestStore.GetAsync(store, "u", 3));
        Assert.Equal(TestStore.Bytes(200, 4), await TestStore.GetAsync(store, "u"));
        Assert.Equal(FailureKind.Missing, (await TestStore.FailGetAsync(store, "u", 2)).Kind);
        Assert.True(test.Clouds[0].Objects.Count < before - 6, "blocks and records of the collected versions are gone");
        Assert.Equal(5, (await TestStore.PutAsync(store, "u", TestStore.Bytes(1), new PutOptions { Keep = 1 })).Number);
        await store.FlushAsync();
        Assert.Equal([5], (await store.HistoryAsync("u", Cancel)).Value.Select(v => v.Number));
        Assert.All(test.Clouds, cloud => Assert.Equal(1, cloud.Objects.Keys.Count(name => name.Contains("/b/", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_removed_unit_stays_removed_whatever_one_cloud_brings_back()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(200));
        await store.FlushAsync();
        KeyValuePair<string, byte[]>[] old = [.. test.Clouds[1].Objects];
        Assert.True((await store.RemoveAsync("u", purge: false, null, Cancel)).Value);
        Assert.False((await store.RemoveAsync("u", purge: false, null, Cancel)).Value);
        await store.FlushAsync();
        test.Clouds[1].Objects.Clear();
        foreach ((string name, byte[] bytes) in old)
        {
            test.Clouds[1].Objects[name] = bytes;
        }

        await using Store reader = await test.OpenAsync();
        Assert.Equal("the unit u was removed", (await TestStore.FailGetAsync(reader, "u")).Message);
        Assert.Empty((await reader.ListAsync("", Cancel)).Value);
        Assert.Equal(2, (await TestStore.PutAsync(store, "u", TestStore.Bytes(5))).Number);
        await store.FlushAsync();
        Assert.Equal(["u"], (await reader.ListAsync("", Cancel)).Value);
        Assert.Equal(TestStore.Bytes(5), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task A_purged_unit_leaves_nothing()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        string[][] before = [.. test.Clouds.Select(cloud => cloud.Objects.Keys.ToArray())];
        await TestStore.PutAsync(store, "jobs/grid/1", TestStore.Bytes(200));
        await store.RemoveAsync("jobs/grid/1", purge: true, null, Cancel);
        await store.FlushAsync();
        Assert.Equal([.. before.Select(names => names.Append("t/jobs_2fgrid_2f1").Order(StringComparer.Ordinal).Where(n => n[0] != 't'))],
            test.Clouds.Select(cloud => cloud.Objects.Keys.Where(n => n[0] != 't')));
    }

    [Fact]
    public async Task A_client_that_has_seen_a_version_never_gets_an_older_one()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        var old = test.Clouds.Select(cloud => cloud.Objects.ToArray()).ToArray();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 2));
        await store.FlushAsync();
        await using (Store reader = await test.OpenAsync(state))
        {
            Assert.Equal(TestStore.Bytes(100, 2), await TestStore.GetAsync(reader, "u"));
        }

        // All clouds go back together: more than f, and so a first-time reader is deceived, and this one is not.
        foreach ((TestCloud cloud, KeyValuePair<string, byte[]>[] objects) in test.Clouds.Zip(old))
        {
            cloud.Objects.Clear();
            foreach ((string name, byte[] bytes) in objects)
            {
                cloud.Objects[name] = bytes;
            }
        }

        await using Store again = await test.OpenAsync(state);
        Assert.Equal(FailureKind.Io, (await TestStore.FailGetAsync(again, "u")).Kind);
        await using Store first = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(100, 1), await TestStore.GetAsync(first, "u"));
    }

    [Fact]
    public async Task An_anchor_keeps_a_first_time_reader_from_going_back()
    {
        using TestStore test = new();
        MemoryBlobs anchor = new();
        await using Store maker = await test.CreateAsync();
        await using Store store = (await Store.OpenAsync(test.Setup() with { Anchor = anchor }, Cancel)).Value;
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 1));
        await store.FlushAsync();
        var old = test.Clouds.Select(cloud => cloud.Objects.ToArray()).ToArray();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 2));
        await store.FlushAsync();
        foreach ((TestCloud cloud, KeyValuePair<string, byte[]>[] objects) in test.Clouds.Zip(old))
        {
            cloud.Objects.Clear();
            foreach ((string name, byte[] bytes) in objects)
            {
                cloud.Objects[name] = bytes;
            }
        }

        await using Store first = (await Store.OpenAsync(test.Setup() with { Anchor = anchor }, Cancel)).Value;
        Assert.Equal(FailureKind.Io, (await TestStore.FailGetAsync(first, "u")).Kind);
    }

    [Fact]
    public async Task A_unit_is_listed_by_the_beginning_of_its_name_and_one_that_a_cloud_invents_is_not()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        foreach (string name in new[] { "reports/2026", "reports/2025", "r", "Äpfel & Birnen", "reports" })
        {
            await TestStore.PutAsync(store, name, TestStore.Text(name));
        }

        await store.FlushAsync();
        test.Clouds[2].Tell = (prefix, names) => [.. names.Append($"{prefix}zzz").Order(StringComparer.Ordinal)];
        Assert.Equal(["reports", "reports/2025", "reports/2026"], (await store.ListAsync("reports", Cancel)).Value);
        Assert.Equal(["r", "reports", "reports/2025", "reports/2026", "Äpfel & Birnen"], (await store.ListAsync("", Cancel)).Value);
        Assert.Equal(["Äpfel & Birnen"], (await store.ListAsync("Ä", Cancel)).Value);
    }

    [Fact]
    public async Task A_list_that_is_cancelled_says_so_and_blames_no_cloud()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        using CancellationTokenSource stop = new();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Wait = (_, _) => Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }

        Task<Outcome<IReadOnlyList<string>>> list = store.ListAsync("", stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list);
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Wait = (_, _) => Task.CompletedTask;
        }

        Assert.Empty((await store.StatusAsync(false, Cancel)).Clouds.SelectMany(cloud => cloud.Misbehaviour));
    }

    [Fact]
    public async Task Names_that_are_none_are_refused()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        foreach ((string name, FailureKind kind) in new[] { ("", FailureKind.Malformed), ("a\nb", FailureKind.Malformed), (new string('x', 201), FailureKind.TooLarge), (new string('/', 81), FailureKind.TooLarge) })
        {
            Assert.Equal(kind, (await store.PutAsync(name, Stream.Null, null, Cancel)).Failure?.Kind);
        }
    }

    [Fact]
    public async Task A_store_is_not_made_where_one_is_and_another_owners_is_not_opened()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        Outcome<Store> second = await Store.CreateAsync(test.Setup(), [.. test.Clouds.Select(c => new CloudPlace(c.Name, ""))], [], [], Cancel);
        Assert.Contains("a: a store is there already", second.Failure?.Message, StringComparison.Ordinal);
        using Sealing.Secret other = Sealing.Secret.CopyOf(new byte[32]);
        using StoreKeys keys = StoreKeys.OfOwner(other);
        Outcome<Store> foreign = await Store.OpenAsync(test.Setup(keys: keys), Cancel);
        Assert.Equal(FailureKind.Missing, foreign.Failure?.Kind);
    }
}
