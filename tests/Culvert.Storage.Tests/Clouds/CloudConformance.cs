namespace Culvert.Storage.Tests;

/// <summary>What every <see cref="ICloud"/> does. Each test has a container of its own, which is not there yet.</summary>
public abstract class CloudConformance : IAsyncLifetime
{
    private ICloud? _cloud;

    protected ICloud Cloud => _cloud ?? throw new InvalidOperationException("no cloud yet");

    /// <summary>Whether of conditional puts at the same time exactly one is to win: where the cloud says so, or its server is known to.</summary>
    protected virtual bool DecidesRaces => Cloud.Traits.ConditionalPut;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cloud = await OpenAsync(MachinePorts.NewName());

    public virtual ValueTask DisposeAsync()
    {
        (_cloud as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A driver for a container of that name, which is not there; skips when there is no server.</summary>
    protected abstract ValueTask<ICloud> OpenAsync(string container);

    [Fact]
    public async Task What_was_put_is_read_back_in_whole_and_in_parts()
    {
        await CreateAsync();
        await PutAsync("a/b/c", "0123456789"u8.ToArray());
        Assert.Equal(("0123456789", 10), await ReadAsync("a/b/c", 0, 10));
        Assert.Equal(("345", 10), await ReadAsync("a/b/c", 3, 3));
        Assert.Equal(("89", 10), await ReadAsync("a/b/c", 8, 10));
        Assert.Equal(("0123456789", 10), await ReadAsync("a/b/c", 0, 100));
        Assert.Equal(("0", 10), await ReadAsync("a/b/c", 0, 1));
        Assert.Equal(("9", 10), await ReadAsync("a/b/c", 9, 1));
    }

    [Fact]
    public async Task A_range_behind_the_end_has_no_bytes_and_the_length()
    {
        await CreateAsync();
        await PutAsync("object", "0123456789"u8.ToArray());
        Assert.Equal(("", 10), await ReadAsync("object", 10, 5));
        Assert.Equal(("", 10), await ReadAsync("object", 1000, 5));
    }

    [Fact]
    public async Task Nothing_asked_for_tells_the_length_alone()
    {
        await CreateAsync();
        await PutAsync("object", "0123456789"u8.ToArray());
        Assert.Equal(("", 10), await ReadAsync("object", 0, 0));
        Assert.Equal(("", 10), await ReadAsync("object", 4, 0));
    }

    [Fact]
    public async Task An_empty_object_is_there()
    {
        await CreateAsync();
        await PutAsync("empty", []);
        Assert.Equal(("", 0), await ReadAsync("empty", 0, 10));
        Assert.Equal(("", 0), await ReadAsync("empty", 5, 10));
        Assert.Equal(("", 0), await ReadAsync("empty", 0, 0));
        Assert.Equal([new CloudEntry("empty", 0)], await ListAllAsync(""));
    }

    [Fact]
    public async Task An_object_of_the_greatest_length_is_read_back()
    {
        await CreateAsync();
        byte[] content = new byte[CloudLimits.ObjectBytesMax];
        new Random(16).NextBytes(content);
        await PutAsync("large", content);
        byte[] read = new byte[content.Length];
        CloudOutcome<CloudRead> outcome = await Cloud.GetAsync("large", 0, read, Cancel);
        Assert.Equal(new CloudRead(content.Length, content.Length), Succeeded(outcome));
        Assert.True(read.AsSpan().SequenceEqual(content));
        byte[] part = new byte[100_000];
        Assert.Equal(new CloudRead(part.Length, content.Length), Succeeded(await Cloud.GetAsync("large", 12_345_678, part, Cancel)));
        Assert.True(part.AsSpan().SequenceEqual(content.AsSpan(12_345_678, part.Length)));
    }

    [Fact]
    public async Task Putting_again_replaces_all_of_an_object()
    {
        await CreateAsync();
        await PutAsync("object", "a long content"u8.ToArray());
        await PutAsync("object", "short"u8.ToArray());
        Assert.Equal(("short", 5), await ReadAsync("object", 0, 100));
    }

    [Fact]
    public async Task A_conditional_put_goes_through_once_and_not_again()
    {
        await CreateAsync();
        Succeeded(await Cloud.PutAsync("locks/a", "first"u8.ToArray(), PutCondition.IfAbsent, Cancel));
        Assert.Equal(CloudFailureKind.Exists, (await Cloud.PutAsync("locks/a", "second"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Equal(("first", 5), await ReadAsync("locks/a", 0, 100));
        Succeeded(await Cloud.RemoveAsync("locks/a", Cancel));
        Succeeded(await Cloud.PutAsync("locks/a", "third"u8.ToArray(), PutCondition.IfAbsent, Cancel));
        Assert.Equal(("third", 5), await ReadAsync("locks/a", 0, 100));
        Assert.Equal([new CloudEntry("locks/a", 5)], await ListAllAsync(""));
    }

    [Fact]
    public async Task Of_conditional_puts_at_the_same_time_one_wins_where_the_cloud_decides()
    {
        await CreateAsync();
        for (int round = 0; round < 5; round++)
        {
            string name = $"race/{round}";
            CloudOutcome<CloudDone>[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(
                async i => await Cloud.PutAsync(name, new byte[] { (byte)i }, PutCondition.IfAbsent, Cancel)));
            int[] winners = [.. Enumerable.Range(0, 8).Where(i => outcomes[i].Succeeded)];
            Assert.All(outcomes, outcome => Assert.True(outcome.Succeeded || outcome.Failure.Kind == CloudFailureKind.Exists, outcome.Failure?.Message));
            Assert.NotEmpty(winners);
            if (DecidesRaces)
            {
                Assert.Single(winners);
                byte[] read = new byte[1];
                Succeeded(await Cloud.GetAsync(name, 0, read, Cancel));
                Assert.Equal(winners[0], read[0]);
            }
        }
    }

    [Fact]
    public async Task What_is_not_there_is_absent()
    {
        await CreateAsync();
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.GetAsync("none", 0, new byte[4], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.GetAsync("no/ne", 7, new byte[4], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.GetAsync("none", 0, Memory<byte>.Empty, Cancel)).Failure?.Kind);
        Assert.Empty(await ListAllAsync(""));
        Assert.Empty(await ListAllAsync("no/such/folder/"));
    }

    [Fact]
    public async Task Removing_twice_succeeds_and_the_others_stay()
    {
        await CreateAsync();
        await PutAsync("x/1", "1"u8.ToArray());
        await PutAsync("x/2", "2"u8.ToArray());
        Succeeded(await Cloud.RemoveAsync("x/1", Cancel));
        Succeeded(await Cloud.RemoveAsync("x/1", Cancel));
        Succeeded(await Cloud.RemoveAsync("y/none", Cancel));
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.GetAsync("x/1", 0, new byte[1], Cancel)).Failure?.Kind);
        Assert.Equal(["x/2"], (await ListAllAsync("")).Select(entry => entry.Name));
        Succeeded(await Cloud.RemoveAsync("x/2", Cancel));
        await PutAsync("x/1", "again"u8.ToArray());
        Assert.Equal(("again", 5), await ReadAsync("x/1", 0, 9));
    }

    [Fact]
    public async Task Names_are_listed_by_prefix_in_ordinal_order()
    {
        await CreateAsync();
        string[] names = ["a", "b-1/x", "b-1/y", "b.1", "b/1", "b/1-2", "b/1.2", "b/10/z", "b/a/x", "b0", "bb", "c_d/-e"];
        await Task.WhenAll(names.Reverse().Select(name => PutAsync(name, new byte[name.Length])));
        Assert.Equal(names.Select(name => new CloudEntry(name, name.Length)), await ListAllAsync(""));
        Assert.Equal(["b/1", "b/1-2", "b/1.2", "b/10/z", "b/a/x"], (await ListAllAsync("b/")).Select(entry => entry.Name));
        Assert.Equal(["b/1", "b/1-2", "b/1.2", "b/10/z"], (await ListAllAsync("b/1")).Select(entry => entry.Name));
        Assert.Equal(["b-1/x", "b-1/y"], (await ListAllAsync("b-1/")).Select(entry => entry.Name));
        Assert.Equal(["b-1/x", "b-1/y"], (await ListAllAsync("b-")).Select(entry => entry.Name));
        Assert.Empty(await ListAllAsync("c/"));
        CloudListing behind = Succeeded(await Cloud.ListAsync("b", "b/1.2", Cancel));
        Assert.Equal(["b/10/z", "b/a/x", "b0", "bb"], behind.Entries.Select(entry => entry.Name));
        Assert.Empty(Succeeded(await Cloud.ListAsync("b", "bb", Cancel)).Entries);
        Assert.Equal(["c_d/-e"], Succeeded(await Cloud.ListAsync("", "bz", Cancel)).Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task More_names_than_a_listing_holds_come_page_by_page()
    {
        await CreateAsync();
        string[] names = [.. Enumerable.Range(0, 1_050).Select(i => $"many/{i:d4}")];
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (name, _) => await PutAsync(name, "x"u8.ToArray()));
        await PutAsync("other", "x"u8.ToArray());

        CloudListing first = Succeeded(await Cloud.ListAsync("many/", null, Cancel));
        Assert.True(first.HasMore);
        Assert.Equal(CloudLimits.ListEntriesMax, first.Entries.Count);
        CloudListing second = Succeeded(await Cloud.ListAsync("many/", first.Entries[^1].Name, Cancel));
        Assert.False(second.HasMore);
        Assert.Equal(names, first.Entries.Concat(second.Entries).Select(entry => entry.Name));

        // Behind a name that no page ended with.
        Assert.Equal(["many/1049"], Succeeded(await Cloud.ListAsync("many/", "many/1048", Cancel)).Entries.Select(entry => entry.Name));
        Assert.Equal(names[1_000..], Succeeded(await Cloud.ListAsync("many/1", null, Cancel)).Entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task The_longest_name_is_taken()
    {
        await CreateAsync();
        string part = new('n', CloudLimits.NamePartBytesMax);
        string name = $"{part}/{part}/{new string('n', CloudLimits.NameBytesMax - (2 * (CloudLimits.NamePartBytesMax + 1)))}";
        Assert.Equal(CloudLimits.NameBytesMax, name.Length);
        await PutAsync(name, "x"u8.ToArray());
        Assert.Equal(("x", 1), await ReadAsync(name, 0, 1));
        Assert.Equal([new CloudEntry(name, 1)], await ListAllAsync(""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/./b")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a%2fb")]
    [InlineData("a?b")]
    [InlineData("ä")]
    public async Task A_name_that_no_object_can_have_is_a_programming_error(string name)
    {
        await CreateAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await Cloud.PutAsync(name, "x"u8.ToArray(), PutCondition.Always, Cancel));
    }

    [Fact]
    public async Task Without_its_container_a_cloud_is_absent()
    {
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.ListAsync("", null, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.ListAsync("a/", null, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.GetAsync("a", 0, new byte[1], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.PutAsync("a/b", "x"u8.ToArray(), PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await Cloud.PutAsync("a", "x"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Succeeded(await Cloud.RemoveAsync("a", Cancel));
    }

    [Fact]
    public async Task Making_the_container_again_keeps_what_is_in_it()
    {
        await CreateAsync();
        await PutAsync("kept", "x"u8.ToArray());
        await CreateAsync();
        Assert.Equal([new CloudEntry("kept", 1)], await ListAllAsync(""));
    }

    [Fact]
    public async Task A_cancelled_call_says_so()
    {
        await CreateAsync();
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cloud.CreateAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cloud.ListAsync("", null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cloud.GetAsync("a", 0, new byte[1], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cloud.PutAsync("a", new byte[1], PutCondition.Always, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Cloud.RemoveAsync("a", cancelled));
        Assert.Empty(await ListAllAsync(""));
    }

    [Fact]
    public async Task Many_calls_at_the_same_time_do_not_mix()
    {
        await CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            byte[] content = new byte[10_000 + i];
            content.AsSpan().Fill((byte)i);
            await PutAsync($"n/{i:d2}", content);
            byte[] read = new byte[content.Length];
            Assert.Equal(new CloudRead(content.Length, content.Length), Succeeded(await Cloud.GetAsync($"n/{i:d2}", 0, read, Cancel)));
            Assert.Equal(content, read);
        }));
        Assert.Equal(32, (await ListAllAsync("n/")).Count);
    }

    protected async Task CreateAsync() => Succeeded(await Cloud.CreateAsync(Cancel));

    protected async Task PutAsync(string name, byte[] content) =>
        Succeeded(await Cloud.PutAsync(name, content, PutCondition.Always, Cancel));

    protected static T Succeeded<T>(CloudOutcome<T> outcome)
    {
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Value;
    }

    protected async Task<IReadOnlyList<CloudEntry>> ListAllAsync(string prefix)
    {
        CloudListing listing = Succeeded(await Cloud.ListAsync(prefix, null, Cancel));
        Assert.False(listing.HasMore);
        return listing.Entries;
    }

    private async Task<(string Text, long ObjectBytes)> ReadAsync(string name, long offset, int length)
    {
        byte[] bytes = new byte[length];
        CloudRead read = Succeeded(await Cloud.GetAsync(name, offset, bytes, Cancel));
        Assert.All(bytes[read.Bytes..], b => Assert.Equal(0, b));
        return (System.Text.Encoding.ASCII.GetString(bytes, 0, read.Bytes), read.ObjectBytes);
    }
}
