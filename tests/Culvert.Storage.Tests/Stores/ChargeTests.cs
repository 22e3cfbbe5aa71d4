using Culvert.Kits;
using Culvert.Sealing;

namespace Culvert.Storage.Tests;

/// <summary>What a cloud is charged with, and above all what it is not.</summary>
public class ChargeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cloud_that_slept_through_the_leaving_of_a_writer_is_not_certain_to_be_wrong()
    {
        using TestStore test = new();
        using Secret ann = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
        using StoreKeys annKeys = StoreKeys.OfMember(ann, test.Keys.Owner);
        await using Store store = await test.CreateAsync(writers: [annKeys.Signing.PublicKey]);
        await using (Store annStore = await test.OpenAsync(keys: annKeys))
        {
            await TestStore.PutAsync(annStore, "u", TestStore.Bytes(150));
        }

        test.Clouds[2].IsDown = true;
        Assert.Equal(1, (await store.ShareAsync([], [], null, Cancel)).Value);
        await store.FlushAsync();
        test.Clouds[2].IsDown = false;
        test.Clouds[0].IsDown = true; // so that the one that slept is asked
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(reader, "u"));
        Assert.True((await reader.VerifyAsync("u", repair: true, Cancel)).Succeeded);
        Assert.Equal([ChargeKind.UnknownSigner], (await ChargesAsync(reader, 2)).Where(charge => charge.Kind != ChargeKind.Lost).Select(charge => charge.Kind).Distinct());
    }

    [Fact]
    public async Task A_client_that_has_not_heard_of_a_new_writer_asks_before_it_charges_anybody()
    {
        using TestStore test = new();
        using Secret ann = Secret.CopyOf([.. Enumerable.Repeat((byte)1, 32)]);
        using StoreKeys annKeys = StoreKeys.OfMember(ann, test.Keys.Owner);
        await using Store store = await test.CreateAsync();
        await using Store old = await test.OpenAsync();
        Assert.True((await store.ShareAsync([], [annKeys.Signing.PublicKey], null, Cancel)).Succeeded);
        await store.FlushAsync();
        await using Store annStore = await test.OpenAsync(keys: annKeys);
        await TestStore.PutAsync(annStore, "new", TestStore.Bytes(150));
        await annStore.FlushAsync();
        Assert.Equal(TestStore.Bytes(150), await TestStore.GetAsync(old, "new"));
        Assert.All((await old.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));

        // Nor does it overlook the lease of that writer, or put over the writer's record.
        await using UnitLease held = (await annStore.LockAsync("locked", TimeSpan.Zero, Cancel)).Value;
        await using Store older = await test.OpenAsync();
        Assert.Equal(FailureKind.Mismatch, (await older.LockAsync("locked", TimeSpan.Zero, Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task A_head_that_is_replaced_while_it_is_read_is_read_whole()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        for (int i = 0; i < 50; i++)
        {
            await TestStore.PutAsync(store, "u", TestStore.Bytes(10, i), new PutOptions { Keep = 48 });
        }

        await store.FlushAsync();
        byte[][] heads = [.. test.Clouds.Select(cloud => cloud.Objects["h/u"])];
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 99), new PutOptions { Keep = 48 });
        await store.FlushAsync();
        Assert.True(heads[0].Length > 4096 && heads[0].Length == test.Clouds[0].Objects["h/u"].Length);
        foreach ((TestCloud cloud, byte[] head) in test.Clouds.Zip(heads))
        {
            int gets = 0;
            cloud.Serve = (name, bytes) => name == "h/u" && ++gets == 1 ? head : bytes;
        }

        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(10, 99), await TestStore.GetAsync(reader, "u"));
        Assert.All((await reader.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));
    }

    [Fact]
    public async Task A_cloud_where_a_writer_lost_against_another_is_charged_with_nothing_certain_and_mended()
    {
        using TestStore test = new();
        await using Store first = await test.CreateAsync();
        await TestStore.PutAsync(first, "u", TestStore.Bytes(100, 1));
        await first.FlushAsync();
        await using Store second = await test.OpenAsync();
        foreach (TestCloud cloud in test.Clouds.Take(3))
        {
            cloud.Fail = FailRecords;
        }

        Assert.False((await second.PutAsync("u", new MemoryStream(TestStore.Bytes(100, 2)), null, Cancel)).Succeeded);
        await second.FlushAsync();
        Up(test);
        test.Clouds[3].IsDown = true;
        await TestStore.PutAsync(first, "u", TestStore.Bytes(100, 3));
        await first.FlushAsync();
        Up(test);

        await using Store auditor = await test.OpenAsync();
        UnitReport report = (await auditor.VerifyAsync("u", repair: true, Cancel)).Value;
        UnitFinding record = Assert.Single(report.Findings, finding => finding.ObjectName == UnitObjects.Record(UnitName.TryParse("u").Value, 2));
        Assert.Equal(("d", null, true), (record.Cloud, record.Kind, record.IsMended));
        Assert.Contains("another writer's record", record.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(await ChargesAsync(auditor, 3), charge => charge.Kind is ChargeKind.Altered or ChargeKind.Forged);
        Assert.Equal($"a record of writer {second.Writer}, which died or lost against another", Assert.Single(report.Orphans, orphan => orphan.Kind == OrphanKind.Record).Message);
        Assert.True(report.IsWhole);
        Assert.True((await auditor.VerifyAsync("u", repair: false, Cancel)).Value.IsWhole);
        Assert.Equal(TestStore.Bytes(100, 3), await TestStore.GetAsync(auditor, "u"));
    }

    [Fact]
    public async Task Two_clients_of_one_state_folder_are_told_as_such()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store first = await test.CreateAsync(state);
        await TestStore.PutAsync(first, "u", TestStore.Bytes(100, 1));
        await first.FlushAsync();
        MemoryBlobs copy = new();
        foreach (string name in await state.ListAsync("", Cancel))
        {
            byte[] bytes = new byte[(int)(await state.LengthAsync(name, Cancel))!];
            await state.ReadAsync(name, 0, bytes, Cancel);
            await copy.PutAsync(name, bytes, Cancel);
        }

        await using Store second = await test.OpenAsync(copy);
        Assert.Equal(first.Writer, second.Writer);
        foreach (TestCloud cloud in test.Clouds.Take(3))
        {
            cloud.Fail = FailRecords;
        }

        Assert.False((await second.PutAsync("u", new MemoryStream(TestStore.Bytes(100, 2)), null, Cancel)).Succeeded);
        await second.FlushAsync();
        Up(test);
        test.Clouds[3].IsDown = true;
        await TestStore.PutAsync(first, "u", TestStore.Bytes(100, 3));
        await first.FlushAsync();
        Up(test);
        UnitReport report = (await first.VerifyAsync("u", repair: false, Cancel)).Value;
        Assert.Contains("two clients have its state folder", Assert.Single(report.Orphans, orphan => orphan.Kind == OrphanKind.Record).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(await ChargesAsync(first, 3), charge => charge.Kind is ChargeKind.Altered or ChargeKind.Forged);
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(100, 3), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task What_one_cloud_lost_does_not_take_the_room_of_what_it_or_another_altered()
    {
        using TestStore test = new() { Options = new StoreOptions { ChunkBytes = 16 } };
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(16 * 300));
        await store.FlushAsync();
        string[] blocks = [.. test.Clouds[0].Objects.Keys.Where(name => name.Contains("/b/", StringComparison.Ordinal))];
        foreach (string name in blocks.SkipLast(1))
        {
            test.Clouds[0].Objects.Remove(name);
        }

        await store.VerifyAsync("u", repair: false, Cancel);
        Assert.Equal(ClientState.ChargesMax, (await ChargesAsync(store, 0)).Count);
        test.Clouds[0].Objects[blocks[^1]] = [1];
        test.Clouds[1].Objects[blocks[^1]] = [2];
        await using Store again = await test.OpenAsync();
        await store.VerifyAsync("u", repair: false, Cancel);
        Assert.Contains(await ChargesAsync(store, 0), charge => charge.Kind == ChargeKind.Altered && charge.Held.Span.SequenceEqual<byte>([1]));
        Assert.Contains(await ChargesAsync(store, 1), charge => charge.Kind == ChargeKind.Altered && charge.Held.Span.SequenceEqual<byte>([2]));
    }

    [Fact]
    public async Task A_cloud_that_this_client_knows_to_be_behind_is_under_suspicion_of_nothing()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        test.Clouds[1].IsDown = true;
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300));
        await store.FlushAsync();
        test.Clouds[1].IsDown = false;
        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.NotEmpty(report.Findings);
        Assert.All(report.Findings, finding => Assert.Equal((ChargeKind.Lost, true), (finding.Kind, finding.IsMended)));
        Assert.Empty(await ChargesAsync(store, 1));

        // What it loses later is another matter.
        test.Clouds[1].Objects.Remove("h/u");
        await store.VerifyAsync("u", repair: true, Cancel);
        Assert.Equal(ChargeKind.Lost, Assert.Single(await ChargesAsync(store, 1)).Kind);
    }

    [Fact]
    public async Task What_is_written_while_it_is_verified_is_no_fault()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300, 1));
        await store.FlushAsync();
        await using Store writer = await test.OpenAsync();
        bool written = false;
        test.Clouds[0].Wait = async (call, name) =>
        {
            if (call == "get" && name.Contains("/b/", StringComparison.Ordinal) && !written)
            {
                written = true;
                await TestStore.PutAsync(writer, "u", TestStore.Bytes(300, 2), new PutOptions { Keep = 1 });
                await writer.FlushAsync();
            }
        };
        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.True(written);
        Assert.Empty(report.Findings);
        Assert.Empty(report.Lost);
        Assert.All((await store.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(300, 2), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task A_unit_that_is_written_all_the_while_is_refused_and_not_reported()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300, 1));
        await store.FlushAsync();
        await using Store writer = await test.OpenAsync();
        int puts = 0;
        bool isPutting = false;
        test.Clouds[0].Wait = async (call, name) =>
        {
            if (call == "list" && name == "u/u/" && !isPutting)
            {
                isPutting = true;
                await TestStore.PutAsync(writer, "u", TestStore.Bytes(300, ++puts), new PutOptions { Keep = 1 });
                await writer.FlushAsync();
                isPutting = false;
            }
        };
        Outcome<UnitReport> report = await store.VerifyAsync("u", repair: true, Cancel);
        Assert.Equal(FailureKind.Mismatch, report.Failure?.Kind);
        Assert.Equal(4, puts);
        Assert.All((await store.StatusAsync(false, Cancel)).Clouds, cloud => Assert.Empty(cloud.Misbehaviour));
    }

    [Fact]
    public async Task Nothing_is_charged_to_a_cloud_that_is_away_refuses_is_full_or_behind_a_page_that_asks_for_a_password()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300));
        await store.FlushAsync();
        foreach (CloudFailureKind kind in new[] { CloudFailureKind.Unavailable, CloudFailureKind.Refused, CloudFailureKind.Full, CloudFailureKind.Malformed })
        {
            test.Clouds[1].Fail = (_, _) => new CloudFailure(kind, "no");
            await TestStore.GetAsync(store, "u");
            await TestStore.PutAsync(store, "other", TestStore.Bytes(10));
            await using (UnitLease held = (await store.LockAsync("u", TimeSpan.Zero, Cancel)).Value)
            {
                Assert.Null(held.Refuse());
            }

            UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
            Assert.Empty(report.Lost);
            Assert.All(report.Findings, finding => Assert.Equal(("b", true, null, false), (finding.Cloud, finding.IsSilent, finding.Kind, finding.IsMended)));
            Assert.False(report.IsWhole);
            await store.FlushAsync();
            Assert.Empty(await ChargesAsync(store, 1));
        }
    }

    [Fact]
    public async Task A_container_that_is_gone_is_suspicion_and_never_certain()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(300));
        await store.FlushAsync();
        test.Clouds[1].Fail = (call, _) => call == "remove" ? null : new CloudFailure(CloudFailureKind.Absent, "there is no container");
        await TestStore.GetAsync(store, "u");
        Assert.Empty(await ChargesAsync(store, 1));
        await store.VerifyAsync("u", repair: true, Cancel);
        await store.VerifyConfigurationAsync(repair: true, Cancel);
        Assert.All(await ChargesAsync(store, 1), charge => Assert.Equal(ChargeKind.Lost, charge.Kind));
    }

    [Fact]
    public async Task A_cloud_that_says_nothing_is_soon_asked_no_more_and_two_that_do_make_nothing_lost()
    {
        using TestStore test = new() { Options = new StoreOptions { ChunkBytes = 16 } };
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(16 * 50));
        await store.FlushAsync();
        foreach (TestCloud silent in test.Clouds.Take(2))
        {
            silent.Fail = (_, name) => name.Contains("/b/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "drip") : null;
        }

        int calls = test.Clouds[0].Calls.Count;
        test.Clouds[2].Objects.Remove(test.Clouds[2].Objects.Keys.Last(name => name.EndsWith("00000031", StringComparison.Ordinal)));
        UnitReport report = (await store.VerifyAsync("u", repair: false, Cancel)).Value;
        Assert.Empty(report.Lost); // the two may have it
        Assert.InRange(test.Clouds[0].Calls.Count - calls, 1, 20);
        Assert.True(report.Findings.Count(finding => finding.IsSilent) > 90);
    }

    [Fact]
    public async Task A_cloud_that_confirms_and_forgets_is_not_mended()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(30));
        await store.FlushAsync();
        test.Clouds[1].Objects.Remove("h/u");
        test.Clouds[1].Forget = _ => true;
        UnitFinding finding = Assert.Single((await store.VerifyAsync("u", repair: true, Cancel)).Value.Findings);
        Assert.Equal((ChargeKind.Lost, false), (finding.Kind, finding.IsMended));
        Assert.EndsWith("and what was put instead is not there either", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_of_a_dead_writer_is_spread_and_where_it_is_lost_the_history_breaks_off_and_no_version()
    {
        foreach (bool repaired in new[] { true, false })
        {
            using TestStore test = new();
            await using Store store = await test.CreateAsync();
            await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
            await store.FlushAsync();
            foreach (TestCloud cloud in test.Clouds.Skip(1))
            {
                cloud.Fail = FailRecords;
            }

            await using Store dying = await test.OpenAsync();
            Assert.False((await dying.PutAsync("u", new MemoryStream(TestStore.Bytes(100, 2)), null, Cancel)).Succeeded);
            await dying.FlushAsync();
            Up(test);
            Assert.Equal(3, (await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 3))).Number);
            await store.FlushAsync();
            string record = UnitObjects.Record(UnitName.TryParse("u").Value, 2);
            if (repaired)
            {
                UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
                Assert.Equal([("b", record, true), ("c", record, true), ("d", record, true)], report.Findings.Select(finding => (finding.Cloud, finding.ObjectName, finding.IsMended)));
                Assert.Null(report.Gap);
            }

            foreach (string name in test.Clouds[0].Objects.Keys.Where(name => name[0] != 'c').ToArray())
            {
                test.Clouds[0].Objects.Remove(name);
            }

            UnitReport after = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
            Assert.Equal(repaired ? null : "no cloud has the record before number 3, whose digest it holds", after.Gap);
            Assert.True(after.IsWhole);
            Assert.Equal(TestStore.Bytes(100, 2), await TestStore.GetAsync(store, "u", 2));
            Assert.Equal(TestStore.Bytes(100, 1), await TestStore.GetAsync(store, "u", 1));
        }
    }

    [Fact]
    public async Task A_newest_record_that_one_cloud_has_alone_is_found_and_made_complete()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        await TestStore.PutAsync(store, "u", TestStore.Bytes(100, 1));
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds.Take(3))
        {
            cloud.Fail = FailRecords;
        }

        await using Store dying = await test.OpenAsync();
        Assert.False((await dying.PutAsync("u", new MemoryStream(TestStore.Bytes(100, 2)), null, Cancel)).Succeeded);
        await dying.FlushAsync();
        Up(test);
        UnitReport report = (await store.VerifyAsync("u", repair: true, Cancel)).Value;
        Assert.Equal(2, report.Versions);
        Assert.True(report.IsWhole);
        test.Clouds[3].Objects.Clear();
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(100, 2), await TestStore.GetAsync(reader, "u"));
    }

    private static CloudFailure? FailRecords(string call, string name) =>
        call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;

    private static void Up(TestStore test) => test.Clouds.ForEach(cloud => cloud.IsDown = false);

    private static async Task<IReadOnlyList<Misbehaviour>> ChargesAsync(Store store, int slot) => (await store.StatusAsync(false, Cancel)).Clouds[slot].Misbehaviour;
}
