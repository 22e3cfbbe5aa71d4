using Culvert.Kits;

namespace Culvert.Storage.Tests;

/// <summary>Whatever one cloud of four answers: the right content comes back, soon, and the cloud is named.</summary>
public class HostileCloudTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocks_that_are_swapped_between_chunks_versions_units_and_clouds_are_not_taken_and_their_cloud_is_charged()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(64 * 3, 1));
        await TestStore.PutAsync(store, "u", TestStore.Bytes(64 * 3, 2));
        await TestStore.PutAsync(store, "v", TestStore.Bytes(64 * 3, 3));
        await store.FlushAsync();
        UnitMetadata u = (await store.RecordAsync("u", Cancel)).Value;
        UnitMetadata v = (await store.RecordAsync("v", Cancel)).Value;
        string Block(UnitMetadata of, int version, int chunk) => UnitObjects.Block(of.Unit, of.Versions[version].Value, chunk);
        TestCloud liar = test.Clouds[1];
        foreach ((string name, string other, TestCloud from) in new[]
        {
            (Block(u, 1, 1), Block(u, 1, 2), liar),
            (Block(u, 1, 0), Block(u, 0, 0), liar),
            (Block(u, 1, 0), Block(v, 0, 0), liar),
            (Block(u, 1, 1), Block(u, 1, 1), test.Clouds[2]),
            (Block(u, 1, 0), Block(u, 1, 0), test.Clouds[2]),
        })
        {
            byte[] right = liar.Objects[name];
            liar.Objects[name] = from.Objects[other];
            test.Clouds[0].IsDown = true; // so that the liar is asked
            await using Store reader = await test.OpenAsync();
            Assert.Equal(TestStore.Bytes(64 * 3, 2), await TestStore.GetAsync(reader, "u"));
            Misbehaviour charge = Assert.Single((await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour);
            Assert.Equal((ChargeKind.Altered, name), (charge.Kind, charge.ObjectName));
            Assert.Equal(liar.Objects[name], charge.Held.ToArray());
            test.Clouds[0].IsDown = false;
            liar.Objects[name] = right;
        }
    }

    [Fact]
    public async Task A_wrong_share_that_is_read_without_its_block_is_not_taken()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(64 * 3));
        await store.FlushAsync();
        UnitMetadata record = (await store.RecordAsync("u", Cancel)).Value;
        string first = UnitObjects.Block(record.Unit, record.Newest!.Value, 0);
        foreach (Func<byte[], byte[]> wrong in new Func<byte[], byte[]>[] { bytes => [.. bytes[..3], (byte)(bytes[3] ^ 1), .. bytes[4..]], bytes => bytes[..31], _ => test.Clouds[2].Objects[first] })
        {
            test.Clouds[1].Serve = (name, bytes) => name == first ? wrong(bytes) : bytes;
            test.Clouds[0].IsDown = true;
            await using Store reader = await test.OpenAsync();
            byte[] part = new byte[10];
            Assert.Equal(10, (await reader.ReadAsync("u", 70, part, null, Cancel)).Value);
            Assert.Equal(TestStore.Bytes(64 * 3)[70..80], part);
            Assert.Equal((ChargeKind.Altered, first), ((await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour.Select(charge => (charge.Kind, charge.ObjectName)).Single()));
            test.Clouds[0].IsDown = false;
        }
    }

    [Fact]
    public async Task A_long_object_where_a_short_one_belongs_is_not_read_and_is_charged_with_its_beginning()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(64 * 3));
        await store.FlushAsync();
        byte[] huge = new byte[32 << 20];
        TestCloud liar = test.Clouds[1];
        liar.Serve = (_, _) => huge;
        test.Clouds[0].IsDown = true;
        await using Store reader = (await Store.OpenAsync(test.Setup(await StateOfAsync(test)), Cancel)).Value;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(TestStore.Bytes(64 * 3), await TestStore.GetAsync(reader, "u"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
        IReadOnlyList<Misbehaviour> charges = (await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour;
        Assert.Contains(charges, charge => charge.Kind == ChargeKind.Forged && charge.ObjectName == "h/u");
        Assert.Contains(charges, charge => charge.Kind == ChargeKind.Altered && charge.ObjectName.Contains("/b/", StringComparison.Ordinal) && charge.HeldBytes > 0);
        test.Clouds[0].IsDown = false;
        UnitReport report = (await reader.VerifyAsync("u", repair: false, Cancel)).Value;
        Assert.All(report.Findings, finding => Assert.Equal(("b", ChargeKind.Altered), (finding.Cloud, finding.Kind)));
    }

    [Fact]
    public async Task Records_of_another_unit_of_another_store_of_the_owner_or_under_another_number_are_forged_in_their_place()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        for (int i = 1; i <= 3; i++)
        {
            await TestStore.PutAsync(store, "u", TestStore.Bytes(10, i));
        }

        await TestStore.PutAsync(store, "v", TestStore.Bytes(10, 9));
        await store.FlushAsync();
        using TestStore elsewhere = new();
        _ = elsewhere.Setup(); // other random numbers, and so another store
        await using Store other = await elsewhere.CreateAsync();
        for (int i = 1; i <= 4; i++)
        {
            await TestStore.PutAsync(other, "u", TestStore.Bytes(10, 20 + i));
        }

        await other.FlushAsync();
        UnitName u = UnitName.TryParse("u").Value;
        UnitName v = UnitName.TryParse("v").Value;
        TestCloud liar = test.Clouds[1];
        foreach ((string name, byte[] bytes) in new[]
        {
            ("h/u", liar.Objects["h/v"]),
            ("h/u", elsewhere.Clouds[1].Objects["h/u"]),
            (UnitObjects.Record(u, 4), elsewhere.Clouds[1].Objects[UnitObjects.Record(u, 4)]),
            (UnitObjects.Record(u, 4), liar.Objects[UnitObjects.Record(u, 3)]),
            (UnitObjects.Record(u, 4), liar.Objects[UnitObjects.Record(v, 1)]),
        })
        {
            KeyValuePair<string, byte[]>[] right = [.. liar.Objects];
            liar.Objects[name] = bytes;
            test.Clouds[0].IsDown = true;
            await using Store reader = await test.OpenAsync();
            Assert.Equal(TestStore.Bytes(10, 3), await TestStore.GetAsync(reader, "u"));
            Misbehaviour charge = Assert.Single((await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour);
            Assert.Equal((ChargeKind.Forged, name), (charge.Kind, charge.ObjectName));
            test.Clouds[0].IsDown = false;

            // And verify takes it away, or puts right what ought to be there.
            await reader.VerifyAsync("u", repair: true, Cancel);
            Assert.Equal(right.Select(o => o.Key), liar.Objects.Keys);
            Assert.Equal(right.Select(o => o.Value), liar.Objects.Values);
        }
    }

    [Fact]
    public async Task An_older_head_and_a_list_without_the_newest_do_not_take_a_reader_back()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 1));
        await store.FlushAsync();
        byte[] old = test.Clouds[1].Objects["h/u"];
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 2));
        await store.FlushAsync();
        test.Clouds[1].Serve = (name, bytes) => name == "h/u" ? old : bytes;
        test.Clouds[1].Tell = (_, names) => names.Where(name => name != UnitObjects.Record(UnitName.TryParse("u").Value, 2));
        test.Clouds[0].IsDown = true;
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(10, 2), await TestStore.GetAsync(reader, "u"));
        Assert.Empty((await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour);
        test.Clouds[0].IsDown = false;
        await reader.VerifyAsync("u", repair: false, Cancel);
        Assert.Equal(ChargeKind.Stale, Assert.Single((await reader.StatusAsync(false, Cancel)).Clouds[1].Misbehaviour).Kind);
    }

    [Fact]
    public async Task A_hundred_thousand_invented_units_cost_one_more_list_and_no_look_ups()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10));
        await TestStore.PutAsync(store, "gone", TestStore.Bytes(10));
        await store.FlushAsync();
        string[] invented = [.. Enumerable.Range(0, 100_000).Select(i => $"h/a{i:d6}").Append("h/gone"), .. new[] { "h/u" }];
        test.Clouds[1].Tell = (prefix, names) => prefix == "h/" ? invented : names;
        test.Clouds[3].Objects.Remove("h/u"); // an honest one is behind
        int calls = test.Clouds[0].Calls.Count;
        Assert.Equal(["gone", "u"], (await store.ListAsync("", Cancel)).Value);
        Assert.InRange(test.Clouds[0].Calls.Count - calls, 1, 10);
    }

    [Fact]
    public async Task Lists_without_end_end()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        EndlessCloud endless = new(test.Clouds[1]);
        await using Store client = (await Store.OpenAsync(test.Setup() with { Clouds = [test.Clouds[0], endless, .. test.Clouds.Skip(2)] }, Cancel)).Value;
        Assert.Equal(["u"], (await client.ListAsync("", Cancel)).Value);
        Assert.Equal(TestStore.Bytes(100, 1), await TestStore.GetAsync(client, "u"));
        StoreStatus status = await client.StatusAsync(measure: true, Cancel);
        Assert.Null(status.Clouds[1].StoredBytes);
        Assert.Null(status.Clouds[1].Failure);
        Assert.True(status.Clouds[0].StoredBytes > 0);
        UnitReport report = (await client.VerifyAsync("u", repair: false, Cancel)).Value;
        Assert.True(report.IsWhole);
        Assert.Contains(report.Orphans, orphan => orphan.Message == "it lists more than a unit can have, which is not looked at");
        await TestStore.PutAsync(client, "u", TestStore.Bytes(100, 2), new PutOptions { Keep = 1 });
        Assert.True((await client.RemoveAsync("u", purge: true, null, Cancel)).Value);
        await client.FlushAsync();
    }

    [Fact]
    public async Task A_cloud_that_repeats_a_page_for_ever_is_not_followed()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        EndlessCloud endless = new(test.Clouds[1]) { IsStuck = true };
        await using Store client = (await Store.OpenAsync(test.Setup() with { Clouds = [test.Clouds[0], endless, .. test.Clouds.Skip(2)] }, Cancel)).Value;
        Assert.Equal(["u"], (await client.ListAsync("", Cancel)).Value);
        Assert.Null((await client.StatusAsync(measure: true, Cancel)).Clouds[1].StoredBytes);
        Assert.True((await client.RemoveAsync("u", purge: true, null, Cancel)).Value);
        await client.FlushAsync();
    }

    [Fact]
    public async Task Lengths_in_a_list_may_be_anything()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        EndlessCloud liar = new(test.Clouds[1]) { Lengths = [long.MaxValue, long.MaxValue, -5, long.MinValue], IsShort = true };
        await using Store client = (await Store.OpenAsync(test.Setup() with { Clouds = [test.Clouds[0], liar, .. test.Clouds.Skip(2)] }, Cancel)).Value;
        Assert.Equal(long.MaxValue, (await client.StatusAsync(measure: true, Cancel)).Clouds[1].StoredBytes);
    }

    /// <summary>A client's folder that has seen nothing of units, so that opening asks no cloud.</summary>
    private static async Task<IBlobs> StateOfAsync(TestStore test)
    {
        MemoryBlobs state = new();
        KeyValuePair<string, byte[]> configuration = test.Clouds[3].Objects.Single(o => o.Key[0] == 'c');
        await state.PutAsync("configuration", configuration.Value, Cancel);
        return state;
    }

    /// <summary>A cloud whose lists of anything but configurations go on for ever, or stand still.</summary>
    private sealed class EndlessCloud(ICloud inner) : ICloud
    {
        private long _next;

        internal bool IsStuck { get; init; }

        internal bool IsShort { get; init; }

        internal long[] Lengths { get; init; } = [1];

        public string Name => inner.Name;

        public CloudTraits Traits => inner.Traits;

        public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

        public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
        {
            if (prefix.StartsWith("c/", StringComparison.Ordinal) || prefix.EndsWith("/m/", StringComparison.Ordinal))
            {
                return inner.ListAsync(prefix, after, cancellationToken);
            }

            if (!IsStuck)
            {
                _next++;
            }

            CloudEntry[] entries = [.. Enumerable.Range(0, Lengths.Length * 10).Select(i => new CloudEntry($"{prefix}{_next:d12}/{i:d4}", Lengths[i % Lengths.Length]))];
            return new(new CloudListing(entries, HasMore: !IsShort));
        }

        public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.GetAsync(name, offset, destination, cancellationToken);

        public ValueTask<CloudOutcome<CloudDone>> PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
            inner.PutAsync(name, content, condition, cancellationToken);

        public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => inner.RemoveAsync(name, cancellationToken);
    }
}
