using Culvert.Kits;

namespace Culvert.Storage.Tests;

public class UploadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upload_that_was_cut_short_goes_on_with_identical_ciphertext()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        byte[] content = TestStore.Bytes(640);
        byte[][] sent = await CutShortAsync(test, store, content, afterChunks: 6);
        Assert.NotEmpty(sent);
        await using Store again = await test.OpenAsync(state);
        int puts = test.Clouds[0].Calls.Count(call => call.StartsWith("put", StringComparison.Ordinal));
        PutReceipt receipt = await TestStore.PutAsync(again, "u", content);
        Assert.InRange(receipt.ChunksResumed, 5, 7); // one behind the one that failed was under way with it
        Assert.True(test.Clouds[0].Calls.Count(call => call.StartsWith("put", StringComparison.Ordinal)) - puts < 10);
        Assert.Equal(content, await TestStore.GetAsync(again, "u"));
        await again.FlushAsync();
        byte[][] now = [.. Blocks(test.Clouds[0])];
        Assert.All(sent, block => Assert.Contains(now, other => other.SequenceEqual(block)));
        Assert.DoesNotContain(state.Content.Keys, name => name.StartsWith("pending/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cloud_that_is_a_little_slower_is_waited_for_and_has_everything()
    {
        using TestStore test = new() { IsOfOneThread = false };
        await using Store store = await test.CreateAsync();
        test.Clock.Short = TimeSpan.Zero;
        test.Clouds[0].Wait = async (call, _) =>
        {
            if (call == "put")
            {
                await Task.Delay(2, TestStore.Cancel);
            }
        };

        await TestStore.PutAsync(store, "u", TestStore.Bytes(40 * 64));
        await store.FlushAsync();
        Assert.Equal(Blocks(test.Clouds[1]).Count(), Blocks(test.Clouds[0]).Count());
        Assert.Empty((await store.StatusAsync(false, TestStore.Cancel)).Behind);
    }

    [Fact]
    public async Task A_cloud_that_does_not_answer_is_waited_for_two_seconds_and_left_out()
    {
        using TestStore test = new();
        await using Store store = await test.CreateAsync();
        Completion answers = new(TaskCreationOptions.None);
        test.Clouds[0].Wait = (call, what) => call == "put" && what.Contains("/b/", StringComparison.Ordinal) ? answers.WaitAsync() : Task.CompletedTask;
        TimeSpan begun = test.Clock.Elapsed;
        PutReceipt receipt = await TestStore.PutAsync(store, "u", TestStore.Bytes(40 * 64));

        Assert.Equal(["a"], receipt.Behind);
        Assert.Equal(2, (test.Clock.Elapsed - begun).TotalSeconds, 0.01);
        answers.Complete();
        await store.FlushAsync();
        Assert.Equal(38, Blocks(test.Clouds[1]).Count() - Blocks(test.Clouds[0]).Count());
    }

    [Fact]
    public async Task An_upload_whose_source_has_changed_begins_anew_under_another_key()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        byte[] content = TestStore.Bytes(640);
        byte[][] sent = await CutShortAsync(test, store, content, afterChunks: 6);
        foreach (TestCloud cloud in test.Clouds)
        {
            foreach (string name in cloud.Objects.Keys.Where(name => name.Contains("/b/", StringComparison.Ordinal)).ToArray())
            {
                cloud.Objects.Remove(name);
            }
        }

        content[200] ^= 1;
        await using Store again = await test.OpenAsync(state);
        PutReceipt receipt = await TestStore.PutAsync(again, "u", content);
        Assert.Equal(0, receipt.ChunksResumed);
        Assert.Equal(content, await TestStore.GetAsync(again, "u"));

        // Nothing of the changed content left under the old key: no block, of any chunk, is one that was sent before.
        await again.FlushAsync();
        Assert.DoesNotContain(Blocks(test.Clouds[0]), block => sent.Any(other => other.SequenceEqual(block)));
    }

    [Fact]
    public async Task A_writer_that_died_after_putting_metadata_at_one_cloud_is_followed_by_a_greater_counter()
    {
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        await TestStore.PutAsync(store, "u", TestStore.Bytes(10, 1));
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds.Skip(1))
        {
            cloud.Fail = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;
        }

        Assert.False((await store.PutAsync("u", new MemoryStream(TestStore.Bytes(10, 2)), null, Cancel)).Succeeded);
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds.Skip(1))
        {
            cloud.IsDown = false;
        }

        test.Clouds[0].IsDown = true; // the one that has it does not tell
        await using Store again = await test.OpenAsync(state);
        PutReceipt receipt = await TestStore.PutAsync(again, "u", TestStore.Bytes(10, 3));
        Assert.Equal(3, receipt.Record.Counter);
        test.Clouds[0].IsDown = false;
        await again.FlushAsync();
        await using Store reader = await test.OpenAsync();
        Assert.Equal(TestStore.Bytes(10, 3), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task A_writer_whose_first_record_reached_no_cloud_goes_on_with_the_second()
    {
        // Found by the simulation, seed 101511: a counter above 1 without a record before it was refused.
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Fail = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;
        }

        Assert.False((await store.PutAsync("u", new MemoryStream(TestStore.Bytes(10, 1)), null, Cancel)).Succeeded);
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }

        await using Store again = await test.OpenAsync(state);
        PutReceipt put = await TestStore.PutAsync(again, "u", TestStore.Bytes(10, 2));
        Assert.Equal((1, 2), (put.Number, put.Record.Counter));
        await again.FlushAsync();
        await using Store reader = await test.OpenAsync();
        Assert.Equal(["u"], (await reader.ListAsync("", Cancel)).Value);
        Assert.Equal(TestStore.Bytes(10, 2), await TestStore.GetAsync(reader, "u"));
    }

    [Fact]
    public async Task A_version_whose_record_reached_one_cloud_only_outlives_that_cloud()
    {
        // Found by the simulation, seed 70452: the next record named the incomplete one as what keeps the older version.
        using TestStore test = new();
        MemoryBlobs state = new();
        await using Store store = await test.CreateAsync(state);
        foreach (TestCloud cloud in test.Clouds.Skip(1))
        {
            cloud.Fail = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? new CloudFailure(CloudFailureKind.Unavailable, "gone") : null;
        }

        Assert.False((await store.PutAsync("u", new MemoryStream(TestStore.Bytes(10, 1)), null, Cancel)).Succeeded);
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }

        await using Store again = await test.OpenAsync(state);
        Assert.Equal(2, (await TestStore.PutAsync(again, "u", TestStore.Bytes(10, 2))).Number);
        await again.FlushAsync();
        test.Clouds[0].Objects.Clear();
        Assert.Equal(TestStore.Bytes(10, 1), await TestStore.GetAsync(again, "u", 1));
        Assert.Empty((await again.VerifyAsync("u", repair: true, Cancel)).Value.Lost);
    }

    [Fact]
    public async Task Two_writers_without_a_lock_collide_and_what_is_read_is_one_of_theirs_whole()
    {
        using TestStore test = new();
        await using Store first = await test.CreateAsync();
        await using Store second = await test.OpenAsync();
        for (int round = 0; round < 5; round++)
        {
            byte[][] contents = [TestStore.Bytes(300, round), TestStore.Bytes(300, 100 + round)];
            TaskCompletionSource together = new();
            foreach (TestCloud cloud in test.Clouds)
            {
                cloud.Wait = (call, name) => call == "put" && name.Contains("/m/", StringComparison.Ordinal) ? together.Task : Task.CompletedTask;
            }

            Task<Outcome<PutReceipt>>[] puts = [.. new[] { first, second }.Zip(contents, (store, content) =>
                store.PutAsync("u", new MemoryStream(content), null, Cancel).AsTask())];
            foreach (TestCloud cloud in test.Clouds)
            {
                cloud.Wait = (_, _) => Task.CompletedTask;
            }

            together.SetResult();
            Outcome<PutReceipt>[] receipts = await Task.WhenAll(puts);
            Assert.All(receipts, receipt => Assert.True(receipt.Succeeded, receipt.Failure?.Message));
            Assert.Equal(2, receipts.Select(receipt => receipt.Value.Number).Distinct().Count());
            await using Store reader = await test.OpenAsync();
            int newest = receipts[0].Value.Number > receipts[1].Value.Number ? 0 : 1;
            Assert.Equal(contents[newest], await TestStore.GetAsync(reader, "u"));
            Assert.Equal(contents[1 - newest], await TestStore.GetAsync(reader, "u", receipts[1 - newest].Value.Number));
        }
    }

    private static IEnumerable<byte[]> Blocks(TestCloud cloud) =>
        cloud.Objects.Where(o => o.Key.Contains("/b/", StringComparison.Ordinal)).Select(o => o.Value);

    private static async Task<byte[][]> CutShortAsync(TestStore test, Store store, byte[] content, int afterChunks)
    {
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.Fail = (call, name) => call == "put" && name.EndsWith($"{afterChunks:x8}", StringComparison.Ordinal)
                ? new CloudFailure(CloudFailureKind.Unavailable, "the network is gone") : null;
        }

        Outcome<PutReceipt> cut = await store.PutAsync("u", new MemoryStream(content), null, Cancel);
        Assert.Equal(FailureKind.Io, cut.Failure?.Kind);
        await store.FlushAsync();
        foreach (TestCloud cloud in test.Clouds)
        {
            cloud.IsDown = false;
        }

        return [.. Blocks(test.Clouds[0])];
    }
}
