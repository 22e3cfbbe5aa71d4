using Culvert.Kits;
using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public sealed class SharingTests : IDisposable
{
    private readonly TestStore _test = new() { Options = new StoreOptions { ChunkBytes = 64, KeyMode = UnitKeyMode.Sealed } };
    private readonly Secret _annSecret = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
    private readonly Secret _bobSecret = Secret.CopyOf([.. Enumerable.Repeat((byte)2, 32)]);
    private readonly StoreKeys _ann;
    private readonly StoreKeys _bob;

    public SharingTests() => (_ann, _bob) = (StoreKeys.OfMember(_annSecret, _test.Keys.Owner), StoreKeys.OfMember(_bobSecret, _test.Keys.Owner));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
        _annSecret.Dispose();
        _bobSecret.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task A_reader_who_comes_reads_what_is_newest_and_older_versions_once_they_are_re_keyed()
    {
        await using Store owner = await _test.CreateAsync();
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 1));
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 2));
        await owner.FlushAsync();
        string[] blocks = BlocksOf(_test.Clouds[0]);

        ShareReport shared = await ShareAsync(owner, [_ann], []);

        Assert.Equal((1, 0, 0), (shared.Units, shared.Unopened.Count, shared.Behind.Count));
        Assert.Equal(blocks, BlocksOf(_test.Clouds[0]));
        await using Store ann = await _test.OpenAsync(keys: _ann);
        Assert.Equal(TestStore.Bytes(150, 2), await TestStore.GetAsync(ann, "u"));
        Assert.Contains("not wrapped for this reader", (await TestStore.FailGetAsync(ann, "u", 1)).Message, StringComparison.Ordinal);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(owner, "u", 1));
        await ShareAsync(owner, [_ann], [], rekey: true);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(ann, "u", 1));
        Assert.True((await owner.VerifyAsync("u", repair: false, Cancel)).Value.IsWhole);
    }

    [Fact]
    public async Task A_reader_who_goes_reads_nothing_new_and_the_key_that_he_kept_opens_nothing_once_it_is_re_keyed()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey, _bob.Reading.PublicKey]);
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 1));
        await using Store ann = await _test.OpenAsync(keys: _ann);
        UnitMetadata kept = (await ann.RecordAsync("u", Cancel)).Value;

        await ShareAsync(owner, [_bob], []);

        await using Store annAgain = await _test.OpenAsync(keys: _ann);
        await TestStore.FailGetAsync(annAgain, "u");
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 2));
        await TestStore.FailGetAsync(ann, "u");
        await using Store bob = await _test.OpenAsync(keys: _bob);
        Assert.Equal(TestStore.Bytes(150, 2), await TestStore.GetAsync(bob, "u"));

        // What she kept of the metadata has her wrapped key in it, and the blocks are what they were: taking her out takes nothing back.
        byte[] read = new byte[150];
        Assert.Equal(150, (await ann.ReadAsync(kept, 0, read, Cancel)).Value);
        Assert.Equal(TestStore.Bytes(150, 1), read);
        await ShareAsync(owner, [_bob], [], rekey: true);
        await owner.FlushAsync();
        Assert.False((await ann.ReadAsync(kept, 0, read, Cancel)).Succeeded);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(bob, "u", 1));
    }

    [Fact]
    public async Task What_a_writer_who_went_had_written_stays_and_what_he_signs_afterwards_counts_for_nobody()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey], writers: [_ann.Signing.PublicKey]);
        await using Store ann = await _test.OpenAsync(keys: _ann);
        for (int i = 1; i <= 3; i++)
        {
            await TestStore.PutAsync(ann, "u", TestStore.Bytes(150, i));
        }

        await TestStore.PutAsync(ann, "gone", TestStore.Bytes(10));
        Assert.True((await ann.RemoveAsync("gone", purge: false, null, Cancel)).Value);
        await ann.FlushAsync();
        await using Store stale = await _test.OpenAsync(keys: _ann);

        Assert.Equal(2, (await ShareAsync(owner, [_ann], [])).Units);

        // One who has not heard of it still writes, and so does one who says that it was before: same configuration, an older time.
        Outcome<PutReceipt> late = await stale.PutAsync("u", new MemoryStream(TestStore.Bytes(150, 9)), null, Cancel);
        Assert.False(late.Succeeded);
        await PlantAsync("u", counter: 9);
        await PlantAsync("gone", counter: 9);
        _test.Clock.Advance(_test.Options.FollowAfter);
        await using Store first = await _test.OpenAsync();
        foreach (Store reader in new[] { owner, ann, first })
        {
            Assert.Equal(TestStore.Bytes(150, 3), await TestStore.GetAsync(reader, "u"));
            Assert.Equal(TestStore.Bytes(150, 2), await TestStore.GetAsync(reader, "u", 2));
            Assert.Equal("the unit gone was removed", (await TestStore.FailGetAsync(reader, "gone")).Message);
        }

        // The clouds only hold what she put: nobody can say that they made it up.
        Assert.All((await first.StatusAsync(false, Cancel)).Clouds, cloud => Assert.DoesNotContain(cloud.Misbehaviour, wrong => wrong.Kind == ChargeKind.Forged));
        Assert.Equal(4, (await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 4))).Number);
        Assert.Equal(TestStore.Bytes(150, 4), await TestStore.GetAsync(first, "u"));
    }

    [Fact]
    public async Task A_client_that_has_not_heard_of_a_new_writer_follows_and_accuses_no_cloud()
    {
        await using Store owner = await _test.CreateAsync();
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 1));
        await using Store stale = await _test.OpenAsync();
        await ShareAsync(owner, [_ann], [_ann]);
        await using Store ann = await _test.OpenAsync(keys: _ann);
        await TestStore.PutAsync(ann, "u", TestStore.Bytes(150, 2));
        await TestStore.PutAsync(ann, "new", TestStore.Bytes(150, 3));
        await ann.FlushAsync();

        Assert.Equal(TestStore.Bytes(150, 3), await TestStore.GetAsync(stale, "new"));
        Assert.Equal(TestStore.Bytes(150, 2), await TestStore.GetAsync(stale, "u"));
        Assert.Equal(2, stale.Configuration.Number);
        Assert.All((await stale.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));
    }

    [Fact]
    public async Task A_client_that_has_not_heard_of_a_new_writer_does_not_put_over_what_that_one_wrote()
    {
        await using Store owner = await _test.CreateAsync();
        await using Store stale = await _test.OpenAsync();
        await ShareAsync(owner, [_ann], [_ann]);
        await using Store ann = await _test.OpenAsync(keys: _ann);

        // Its look at the newest record comes before the other's put, and its own put behind.
        TaskCompletionSource sent = new();
        foreach (TestCloud cloud in _test.Clouds)
        {
            cloud.Wait = (call, name) => call == "put" && name.Contains("/b/", StringComparison.Ordinal) ? sent.Task : Task.CompletedTask;
        }

        Task<Outcome<PutReceipt>> put = stale.PutAsync("u", new MemoryStream(TestStore.Bytes(150, 2)), null, Cancel).AsTask();
        foreach (TestCloud cloud in _test.Clouds)
        {
            cloud.Wait = (_, _) => Task.CompletedTask;
        }

        await TestStore.PutAsync(ann, "u", TestStore.Bytes(150, 1));
        sent.SetResult();

        Assert.Equal(2, (await put).Value.Number);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(owner, "u", 1));
        Assert.Equal(TestStore.Bytes(150, 2), await TestStore.GetAsync(ann, "u"));
    }

    [Fact]
    public async Task A_put_during_which_a_reader_goes_is_not_for_that_reader()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey, _bob.Reading.PublicKey], writers: [_bob.Signing.PublicKey]);
        await using Store bob = await _test.OpenAsync(keys: _bob);
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 1));
        await ShareAsync(owner, [_bob], [_bob]);

        await TestStore.PutAsync(bob, "u", TestStore.Bytes(150, 2));

        Assert.Equal(2, bob.Configuration.Number);
        UnitMetadata record = (await owner.RecordAsync("u", Cancel)).Value;
        Assert.Equal(2, record.Descriptor!.Wraps.Count);
        Assert.DoesNotContain(record.Descriptor.Wraps, wrap => wrap.Reader == VerifyingKey.IdOf(_ann.Reading.PublicKey.Bytes));
    }

    [Fact]
    public async Task An_older_configuration_that_a_cloud_brings_back_is_followed_by_nobody()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey], writers: [_ann.Signing.PublicKey]);
        MemoryBlobs state = new();
        await ShareAsync(owner, [_ann], []);
        await using (Store seen = await _test.OpenAsync(state))
        {
            Assert.Equal(2, seen.Configuration.Number);
        }

        TestCloud liar = _test.Clouds[2];
        liar.Tell = (prefix, names) => names.Where(name => name != UnitObjects.Configuration(2));
        _test.Clouds[0].IsDown = true; // so that the one that lies is needed

        await using Store first = await _test.OpenAsync();
        Assert.Equal(2, first.Configuration.Number);
        await using Store ann = await _test.OpenAsync(keys: _ann);
        Assert.Equal(FailureKind.Mismatch, (await ann.PutAsync("u", new MemoryStream([1]), null, Cancel)).Failure?.Kind);

        // All clouds together deceive whoever comes for the first time; not one who has seen it.
        _test.Clouds[0].IsDown = false;
        foreach (TestCloud cloud in _test.Clouds)
        {
            cloud.Tell = liar.Tell;
        }

        await using Store deceived = await _test.OpenAsync();
        Assert.Equal(1, deceived.Configuration.Number);
        await using Store again = await _test.OpenAsync(state);
        Assert.False(await again.RefreshAsync(Cancel));
        Assert.Equal(2, again.Configuration.Number);
    }

    [Fact]
    public async Task A_client_that_remembers_a_configuration_asks_for_a_newer_one_before_it_writes()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey], writers: [_ann.Signing.PublicKey]);
        MemoryBlobs state = new();
        await using (Store before = await _test.OpenAsync(state, _ann))
        {
            await TestStore.PutAsync(before, "u", TestStore.Bytes(150, 1));
            await before.FlushAsync();
        }

        await ShareAsync(owner, [_ann], []);
        await using Store ann = await _test.OpenAsync(state, _ann);

        Failure? refused = (await ann.PutAsync("u", new MemoryStream([1]), null, Cancel)).Failure;
        Assert.StartsWith("this key may not write: the store's configuration 2 does not name it", refused?.Message, StringComparison.Ordinal);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(ann, "u"));
    }

    [Fact]
    public async Task Clouds_that_lack_the_new_configuration_are_named()
    {
        await using Store owner = await _test.CreateAsync();
        _test.Clouds[3].IsDown = true;
        Assert.Equal(["d"], (await ShareAsync(owner, [_ann], [])).Behind);
        _test.Clouds[3].IsDown = false;
        await owner.VerifyConfigurationAsync(repair: true, Cancel);
        Assert.Contains(UnitObjects.Configuration(2), _test.Clouds[3].Objects.Keys);
    }

    [Fact]
    public async Task A_reader_may_not_write_lock_collect_or_remove()
    {
        await using Store owner = await _test.CreateAsync(readers: [_ann.Reading.PublicKey]);
        await TestStore.PutAsync(owner, "u", TestStore.Bytes(150, 1));
        await owner.FlushAsync();
        await using Store ann = await _test.OpenAsync(keys: _ann);
        string[] before = [.. _test.Clouds[0].Objects.Keys];

        Failure?[] refused =
        [
            (await ann.PutAsync("u", new MemoryStream([1]), null, Cancel)).Failure,
            (await ann.LockAsync("u", TimeSpan.Zero, Cancel)).Failure,
            (await ann.CollectAsync("u", 1, null, Cancel)).Failure,
            (await ann.RemoveAsync("u", purge: true, null, Cancel)).Failure,
        ];

        Assert.All(refused, failure => Assert.StartsWith("this key may not write: the store's configuration 1 does not name it", failure?.Message, StringComparison.Ordinal));
        Assert.Equal("only the owner can change who reads and writes", (await ann.ShareAsync(new StoreMembers([], []), false, null, Cancel)).Failure?.Message);
        Assert.Equal(before, _test.Clouds[0].Objects.Keys);
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(ann, "u"));
    }

    [Fact]
    public async Task More_members_than_a_configuration_can_name_are_refused()
    {
        await using Store owner = await _test.CreateAsync();
        StoreMembers many = new([], [.. Enumerable.Repeat(_ann.Signing.PublicKey, UnitLimits.WritersMax + 1)]);
        Assert.Equal(FailureKind.TooLarge, (await owner.ShareAsync(many, false, null, Cancel)).Failure?.Kind);
        Assert.Equal(1, owner.Configuration.Number);
    }

    [Fact]
    public async Task A_value_that_its_writer_sealed_for_others_only_is_told_and_stays_as_it_was()
    {
        await using Store owner = await _test.CreateAsync(writers: [_ann.Signing.PublicKey]);
        await using Store ann = await _test.OpenAsync(keys: _ann);
        await TestStore.PutAsync(ann, "u", TestStore.Bytes(150, 1));
        KeepForAnnOnly(owner.Configuration, (await ann.RecordAsync("u", Cancel)).Value);

        ShareReport shared = await ShareAsync(owner, [_bob], []);

        Assert.Equal((1, "u"), (shared.Units, Assert.Single(shared.Unopened)));
        Assert.Equal(TestStore.Bytes(150, 1), await TestStore.GetAsync(ann, "u"));
    }

    private static async Task<ShareReport> ShareAsync(Store owner, StoreKeys[] readers, StoreKeys[] writers, bool rekey = false)
    {
        StoreMembers members = new([.. readers.Select(keys => keys.Reading.PublicKey)], [.. writers.Select(keys => keys.Signing.PublicKey)]);
        Outcome<ShareReport> shared = await owner.ShareAsync(members, rekey, null, Cancel);
        Assert.True(shared.Succeeded, shared.Failure?.Message);
        return shared.Value;
    }

    /// <summary>Ann's newest record again, by a client of hers that wraps its keys for her alone.</summary>
    private void KeepForAnnOnly(StoreConfiguration configuration, UnitMetadata newest)
    {
        UInt128 ann = VerifyingKey.IdOf(_ann.Reading.PublicKey.Bytes);
        ValueDescriptor descriptor = newest.Descriptor!.With([.. newest.Descriptor.Wraps.Where(wrap => wrap.Reader == ann)]);
        RecordMaker maker = new(configuration, newest.Unit, newest.Writer, newest.TimeMs, 0);
        UnitMetadata record = RecordChain.Adopt(maker, newest, descriptor).Sign(_ann.Signing);
        foreach (TestCloud cloud in _test.Clouds)
        {
            cloud.Objects[UnitObjects.Record(record.Unit, record.Counter)] = record.Bytes.ToArray();
            cloud.Objects[UnitObjects.Head(record.Unit)] = record.Bytes.ToArray();
        }
    }

    private static string[] BlocksOf(TestCloud cloud) => [.. cloud.Objects.Keys.Where(name => name.Contains("/b/", StringComparison.Ordinal))];

    /// <summary>Ann signs a record that says it was made long ago, and puts it everywhere, as head too.</summary>
    private async Task PlantAsync(string unit, long counter)
    {
        UnitName name = UnitName.TryParse(unit).Value;
        await using Store owner = await _test.OpenAsync();
        UnitMetadata model = (await owner.RecordAsync("u", Cancel)).Value;
        UnitMetadata record = new UnitMetadata
        {
            Unit = name,
            Store = model.Store,
            Configuration = 1,
            Counter = counter,
            Writer = model.Writer,
            Previous = default,
            OldestCounter = counter,
            TimeMs = 5,
            NextNumber = 100,
            Versions = [model.Newest! with { Number = 50, Holder = counter }],
            Descriptor = model.Descriptor,
        }.Sign(_ann.Signing);
        foreach (TestCloud cloud in _test.Clouds)
        {
            cloud.Objects[UnitObjects.Record(name, counter)] = record.Bytes.ToArray();
            cloud.Objects[UnitObjects.Head(name)] = record.Bytes.ToArray();
        }
    }
}
