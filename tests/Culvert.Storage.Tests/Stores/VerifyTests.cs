using Culvert.Kits;
using Culvert.Sealing;

namespace Culvert.Storage.Tests;

public class VerifyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<UnitProtocol, UnitKeyMode> Shapes => new()
    {
        { UnitProtocol.Sealed, UnitKeyMode.Shared }, { UnitProtocol.Sealed, UnitKeyMode.Sealed }, { UnitProtocol.Replicated, UnitKeyMode.None },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_cloud_that_was_wiped_is_filled_again_byte_for_byte(UnitProtocol protocol, UnitKeyMode mode)
    {
        using TestStore test = new() { Options = new StoreOptions { ChunkBytes = 64, Protocol = protocol, KeyMode = mode } };
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(5000, 1)); // its index is an object of its own
        await TestStore.PutAsync(store, "u", TestStore.Bytes(200, 2));
        await store.FlushAsync();
        foreach (TestCloud wiped in test.Clouds)
        {
            KeyValuePair<string, byte[]>[] before = [.. wiped.Objects.Where(o => o.Key[0] != 'c')];
            foreach ((string name, _) in before)
            {
                wiped.Objects.Remove(name);
            }

            UnitReport found = (await store.VerifyAsync("u", repair: false, Cancel)).Value;
            Assert.Equal(before.Length, found.Findings.Count);
            Assert.All(found.Findings, finding => Assert.Equal((wiped.Name, ChargeKind.Lost, false), (finding.Cloud, finding.Kind, finding.IsMended)));
            Assert.Equal([wiped.Name], Assert.Single((await store.StatusAsync(false, Cancel)).Behind).Clouds);
            UnitReport mended = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
            Assert.True(mended.IsWhole);
            Assert.Equal(before, wiped.Objects.Where(o => o.Key[0] != 'c'));
            Assert.Empty((await store.VerifyAsync("u", repair: false, Cancel)).Value.Findings);
            Assert.Empty((await store.StatusAsync(false, Cancel)).Behind);
        }
    }

    [Fact]
    public async Task Whatever_byte_a_cloud_alters_is_found_named_and_mended()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 2));
        await store.FlushAsync();
        TestCloud liar = test.Clouds[2];
        foreach (string name in liar.Objects.Keys.Where(n => n[0] != 'c').ToArray())
        {
            byte[] right = liar.Objects[name];
            byte[] wrong = [.. right];
            wrong[^(1 + (wrong.Length / 3))] ^= 4;
            liar.Objects[name] = wrong;
            UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
            UnitFinding finding = Assert.Single(report.Findings);
            Assert.Equal(("c", ChargeKind.Altered, name, true), (finding.Cloud, finding.Kind, finding.ObjectName, finding.IsMended));
            Assert.Equal(right, liar.Objects[name]);
            Misbehaviour kept = (await store.StatusAsync(false, Cancel)).Clouds[2].Misbehaviour[^1];
            Assert.Equal((name, ContentDigest.Of(wrong)), (kept.ObjectName, kept.HeldDigest));
            Assert.Equal(wrong, kept.Held.ToArray());
        }
    }

    [Fact]
    public async Task What_can_no_longer_be_read_is_said_and_not_mended()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100));
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds.Take(3))
        {
            cloud.Objects.Remove(cloud.Objects.Keys.Last(n => n.Contains("/b/", StringComparison.Ordinal)));
        }

        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.Equal("version 1: of chunk 1 only 1 blocks are right, and 2 are needed", Assert.Single(report.Lost));
        Assert.Equal(3, report.Findings.Count(finding => !finding.IsMended));
    }

    [Fact]
    public async Task A_replaced_cloud_has_nothing_that_opens_a_version_and_readers_follow()
    {
        using TestStore test = new();
        MemoryBlobs old = new();
        await using Store store = await test.CreateAsync();
        for (int i = 1; i <= 3; i++)
        {
            await TestStore.PutAsync(store, "u", TestStore.Bytes(300, i));
        }

        await TestStore.PutAsync(store, "gone", TestStore.Bytes(3));
        await store.RemoveAsync("gone", purge: false, null, Cancel);
        await using Store reader = await test.OpenAsync(old);
        Assert.Equal(TestStore.Bytes(300, 3), await TestStore.GetAsync(reader, "u"));
        await store.FlushAsync();
        HashSet<string> shares = [.. test.Clouds.SelectMany(c => c.Objects).Where(o => o.Key.EndsWith("/00000000", StringComparison.Ordinal)).Select(o => Convert.ToHexString(o.Value[..32]))];

        TestCloud added = new("e");
        TestCloud departed = test.Clouds[1];
        test.Clouds.Add(added);
        Outcome<int> moved = await store.ReplaceAsync("b", new CloudPlace("e", "memory:e"), null, Cancel);
        Assert.Equal(2, moved.Succeeded ? moved.Value : throw new InvalidOperationException(moved.Failure.Message));
        await store.FlushAsync();
        departed.IsDown = true;
        Assert.Equal(["a", "e", "c", "d"], store.Configuration.Clouds.Select(c => c.Name));

        // No share that the departed cloud has, or could have learned, is of any use now.
        Assert.DoesNotContain(
            test.Clouds.Except([departed]).SelectMany(c => c.Objects).Where(o => o.Key.EndsWith("/00000000", StringComparison.Ordinal)),
            o => shares.Contains(Convert.ToHexString(o.Value[..32])));
        Assert.Equal(TestStore.Bytes(300, 3), await TestStore.GetAsync(reader, "u"));
        Assert.Equal(2, reader.Configuration.Number);
        Assert.Equal(TestStore.Bytes(300, 1), await TestStore.GetAsync(reader, "u", 1));
        Assert.Equal([1, 2, 3], (await reader.HistoryAsync("u", Cancel)).Value.Select(v => v.Number));
        test.Clouds[0].IsDown = true;
        Assert.Equal(TestStore.Bytes(300, 2), await TestStore.GetAsync(reader, "u", 2));
        Assert.Equal(FailureKind.Missing, (await TestStore.FailGetAsync(reader, "gone")).Kind);
        test.Clouds[0].IsDown = false;
        Assert.True((await store.VerifyAsync("u", repair: false, Cancel)).Value.IsWhole);
    }

    [Fact]
    public async Task A_unit_that_no_list_has_is_moved_too_since_whoever_knows_its_name_finds_it()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300));
        await store.FlushAsync();
        test.Clouds.ForEach(cloud => cloud.Objects.Remove("h/u"));
        test.Clouds.Add(new TestCloud("e"));
        Outcome<int> moved = await store.ReplaceAsync("b", new CloudPlace("e", "memory:e"), null, Cancel);
        Assert.Equal(1, moved.Succeeded ? moved.Value : throw new InvalidOperationException(moved.Failure.Message));
        await store.FlushAsync();
        test.Clouds[0].IsDown = true;
        Assert.Equal(TestStore.Bytes(300), await TestStore.GetAsync(store, "u"));
    }

    [Fact]
    public async Task A_replacement_that_was_cut_short_behind_its_new_configuration_goes_on()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        await using Store late = await test.OpenAsync();
        test.Clouds.Add(new TestCloud("e"));
        await using Store owner = await test.OpenAsync(state);
        Assert.Equal(0, (await owner.ReplaceAsync("b", new CloudPlace("e", "memory:e"), null, Cancel)).Value);
        await TestStore.PutAsync(late, "u", TestStore.Bytes(300)); // by the configuration before
        await late.FlushAsync();
        Assert.Equal(1, (await owner.ReplaceAsync("b", new CloudPlace("e", "memory:e"), null, Cancel)).Value);
        await owner.FlushAsync();
        test.Clouds[0].IsDown = true;
        Assert.Equal(TestStore.Bytes(300), await TestStore.GetAsync(owner, "u"));
    }

    [Fact]
    public async Task A_sealed_value_opens_for_its_readers_and_for_no_cloud_and_no_other()
    {
        using TestStore test = new() { Options = new StoreOptions { ChunkBytes = 64, KeyMode = UnitKeyMode.Sealed } };
        using Secret ann = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
        using Secret bob = Secret.CopyOf([.. Enumerable.Repeat((byte)2, 32)]);
        using StoreKeys annKeys = StoreKeys.OfMember(ann, test.Keys.Owner);
        using StoreKeys bobKeys = StoreKeys.OfMember(bob, test.Keys.Owner);
        await using Store store = await test.CreateAsync(readers: [annKeys.Reading.PublicKey]);
        await TestStore.PutAsync(store, "u", TestStore.Bytes(150));
        await using Store annStore = await test.OpenAsync(keys: annKeys);
        await using Store bobStore = await test.OpenAsync(keys: bobKeys);
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(annStore, "u"));
        Failure refused = await TestStore.FailGetAsync(bobStore, "u");
        Assert.StartsWith("u: its key was not wrapped for this reader", refused.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Mismatch, (await annStore.PutAsync("u", Stream.Null, null, Cancel)).Failure?.Kind);

        // The owner lets Bob in and Ann out: versions that are kept have new keys.
        Outcome<ShareReport> shared = await store.ShareAsync(new StoreMembers([bobKeys.Reading.PublicKey], []), rekey: true, null, Cancel);
        Assert.Equal(1, shared.Value.Units);
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(bobStore, "u"));
        await using Store annAgain = await test.OpenAsync(keys: annKeys);
        await TestStore.FailGetAsync(annAgain, "u");
    }

    [Fact]
    public async Task A_writer_of_the_configuration_may_write_and_what_another_signs_is_forged()
    {
        using TestStore test = new();
        using Secret ann = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
        using StoreKeys annKeys = StoreKeys.OfMember(ann, test.Keys.Owner);
        await using Store store = await test.CreateAsync(writers: [annKeys.Signing.PublicKey]);
        await using Store annStore = await test.OpenAsync(keys: annKeys);
        await TestStore.PutAsync(annStore, "u", TestStore.Bytes(150));
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(store, "u"));
        await annStore.FlushAsync();
        Assert.Equal(1, (await store.ShareAsync(new StoreMembers([], []), rekey: true, null, Cancel)).Value.Units);
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(store, "u"));
        await annStore.RefreshAsync(Cancel);
        Assert.Equal(FailureKind.Mismatch, (await annStore.PutAsync("u", Stream.Null, null, Cancel)).Failure?.Kind);
    }
}
