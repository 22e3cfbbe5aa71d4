namespace Culvert.Storage.Tests;

/// <summary>What drivers make of servers that misbehave: the right kind of failure, soon, and nothing wrong taken for right that they could know.</summary>
public sealed class ServerFaultTests(CloudServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<ServerKind> Kinds => [ServerKind.S3, ServerKind.Azure, ServerKind.WebDav];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_cloud_that_is_down_is_unavailable(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Down;
        Assert.Equal(Enumerable.Repeat<CloudFailureKind?>(CloudFailureKind.Unavailable, 5), await AskAllAsync(server.Cloud));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_cloud_that_nobody_listens_for_is_unavailable(ServerKind kind)
    {
        FaultedServer server = await OpenAsync(kind);
        await server.Proxy.DisposeAsync();
        Assert.Equal(Enumerable.Repeat<CloudFailureKind?>(CloudFailureKind.Unavailable, 5), await AskAllAsync(server.Cloud));
        (server.Cloud as IDisposable)?.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_cloud_that_refuses_the_right_is_refused_and_is_asked_once(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Refusing;
        int before = server.Proxy.Requests;
        Assert.Equal(Enumerable.Repeat<CloudFailureKind?>(CloudFailureKind.Refused, 5), await AskAllAsync(Patient(server.Cloud)));
        Assert.Equal(before + 5, server.Proxy.Requests);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_slow_cloud_is_given_up_within_its_time(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Slow;
        int before = server.Proxy.Requests;
        RetryingCloud patient = Patient(server.Cloud, TimeSpan.FromSeconds(2));
        CloudOutcome<CloudRead> read = await patient.GetAsync("unit/object", 0, new byte[4], Cancel);
        Assert.Equal(CloudFailureKind.Unavailable, read.Failure?.Kind);
        Assert.Contains("no answer within", read.Failure?.Message, StringComparison.Ordinal);
        Assert.Equal(before + 2, server.Proxy.Requests);

        // A slow one that is waited for is none the worse.
        server.Proxy.Delay = TimeSpan.FromMilliseconds(50);
        Assert.Null((await server.Cloud.GetAsync("unit/object", 0, new byte[4], Cancel)).Failure);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Waiting_for_a_slow_cloud_can_be_cancelled(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Slow;
        int before = server.Proxy.Requests;
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<CloudOutcome<CloudRead>> read = server.Cloud.GetAsync("unit/object", 0, new byte[4], cancel.Token).AsTask();
        while (server.Proxy.Requests == before)
        {
            await Task.Yield();
        }

        Assert.False(read.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_cloud_without_room_is_full_and_still_gives_what_it_has(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Full;
        Assert.Equal(CloudFailureKind.Full, (await server.Cloud.PutAsync("unit/new", new byte[9], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Full, (await server.Cloud.PutAsync("unit/new", new byte[9], PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Equal(FaultedServer.Second, await server.ReadAsync("unit/object"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_connection_that_is_cut_is_unavailable_and_puts_nothing(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Cutting;
        Assert.Equal(CloudFailureKind.Unavailable, (await server.Cloud.GetAsync("unit/object", 0, new byte[100], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Unavailable, (await server.Cloud.ListAsync("", null, Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Unavailable, (await server.Cloud.PutAsync("unit/object", new byte[1 << 20], PutCondition.Always, Cancel)).Failure?.Kind);
        server.Proxy.Fault = CloudFault.None;
        Assert.Equal(FaultedServer.Second, await server.ReadAsync("unit/object"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_connection_that_is_cut_once_is_mended_by_asking_again(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        (server.Proxy.Fault, server.Proxy.TimesLeft) = (CloudFault.Cutting, 1);
        byte[] read = new byte[100];
        CloudOutcome<CloudRead> outcome = await Patient(server.Cloud).GetAsync("unit/object", 0, read, Cancel);
        Assert.Equal(new CloudRead(FaultedServer.Second.Length, FaultedServer.Second.Length), outcome.Value);
        Assert.Equal(FaultedServer.Second, read[..FaultedServer.Second.Length]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_conditional_put_whose_answer_is_lost_knows_its_own_object(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        RetryingCloud patient = Patient(server.Cloud);

        // Of a WebDAV server the name is taken by a move.
        (server.Proxy.Fault, server.Proxy.TimesLeft, server.Proxy.OnlyMethod) = (CloudFault.Mute, 1, kind == ServerKind.WebDav ? "MOVE" : "PUT");
        Assert.Null((await patient.PutAsync("locks/mine", "mine"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure);
        Assert.Equal(0, server.Proxy.TimesLeft);
        Assert.Equal("mine"u8.ToArray(), await server.ReadAsync("locks/mine"));

        // And another's object is another's.
        server.Proxy.TimesLeft = 1;
        Assert.Equal(CloudFailureKind.Exists, (await patient.PutAsync("locks/mine", "his!"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Equal("mine"u8.ToArray(), await server.ReadAsync("locks/mine"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_lost_object_is_absent(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Losing;
        Assert.Equal(CloudFailureKind.Absent, (await server.Cloud.GetAsync("unit/object", 0, new byte[4], Cancel)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Absent, (await server.Cloud.GetAsync("unit/object", 0, Memory<byte>.Empty, Cancel)).Failure?.Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Wrong_bytes_of_the_right_form_come_through_for_the_protocols_to_find(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Flipping;
        byte[] flipped = await server.ReadAsync("unit/object");
        Assert.Equal(FaultedServer.Second.Length, flipped.Length);
        Assert.Equal(1, flipped.Zip(FaultedServer.Second).Sum(pair => System.Numerics.BitOperations.PopCount((uint)(pair.First ^ pair.Second))));

        server.Proxy.Fault = CloudFault.Stale;
        Assert.Equal(FaultedServer.First, await server.ReadAsync("unit/object"));
        server.Proxy.Fault = CloudFault.Swapping;
        Assert.Equal(FaultedServer.Other, await server.ReadAsync("unit/object"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_forgotten_put_looks_like_one_that_was_done(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Forgetting;
        Assert.Null((await server.Cloud.PutAsync("unit/forgotten", new byte[9], PutCondition.Always, Cancel)).Failure);
        server.Proxy.Fault = CloudFault.None;
        Assert.Equal(CloudFailureKind.Absent, (await server.Cloud.GetAsync("unit/forgotten", 0, new byte[9], Cancel)).Failure?.Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Wrong_lists_are_lists_without_repetition(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        Assert.Equal(["unit/object", "unit/other"], await NamesAsync(CloudFault.None));
        Assert.Equal(["unit/other"], await NamesAsync(CloudFault.ListMissing));
        Assert.Equal(["unit/object", "unit/object-extra", "unit/other"], await NamesAsync(CloudFault.ListExtra));
        Assert.Equal(["unit/object", "unit/other"], await NamesAsync(CloudFault.ListTwice));

        async Task<IEnumerable<string>> NamesAsync(CloudFault fault)
        {
            server.Proxy.Fault = fault;
            return (await server.Cloud.ListAsync("unit/", null, Cancel)).Value.Entries.Select(entry => entry.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_list_without_end_is_malformed(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Flooding;
        CloudOutcome<CloudListing> listed = await server.Cloud.ListAsync("", null, Cancel);
        Assert.Equal(CloudFailureKind.Malformed, listed.Failure?.Kind);
        Assert.Contains("longer than", listed.Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_answer_that_is_no_http_is_malformed(ServerKind kind)
    {
        await using FaultedServer server = await OpenAsync(kind);
        server.Proxy.Fault = CloudFault.Babbling;
        Assert.Equal(Enumerable.Repeat<CloudFailureKind?>(CloudFailureKind.Malformed, 5), await AskAllAsync(server.Cloud));
    }

    private async Task<FaultedServer> OpenAsync(ServerKind kind) => await FaultedServer.OpenAsync(servers, kind, Cancel);

    private static RetryingCloud Patient(ICloud cloud, TimeSpan? timeout = null) => new(
        cloud,
        new CloudRetryOptions { AttemptsMax = 2, AttemptTimeout = timeout ?? TimeSpan.FromMinutes(2), PauseBase = TimeSpan.FromMilliseconds(1) },
        MachinePorts.Instance,
        MachinePorts.Instance);

    private static async Task<CloudFailureKind?[]> AskAllAsync(ICloud cloud) =>
    [
        (await cloud.CreateAsync(Cancel)).Failure?.Kind,
        (await cloud.ListAsync("unit/", null, Cancel)).Failure?.Kind,
        (await cloud.GetAsync("unit/object", 0, new byte[4], Cancel)).Failure?.Kind,
        (await cloud.PutAsync("unit/object", new byte[4], PutCondition.Always, Cancel)).Failure?.Kind,
        (await cloud.RemoveAsync("unit/object", Cancel)).Failure?.Kind,
    ];
}
