using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Attestation.Tests.Forge;
using Culvert.Attestation.Tests.Release;

namespace Culvert.KeyBroker.Tests.Serving;

/// <summary>The broker's door: what it speaks, how much it takes, and what it tells.</summary>
public sealed class BrokerServerTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly StillClock _clock = new(CertificateForge.Now);
    private readonly PlayEnclave _enclave = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_speaks_both_versions_of_HTTP(int version)
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using HttpRequestMessage request = new(HttpMethod.Get, "v1/health") { Version = new Version(version, version == 1 ? 1 : 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using HttpResponseMessage response = await broker.Client.SendAsync(request, Cancellation);

        Assert.Equal((HttpStatusCode.OK, """{"status":"ok","dryRun":false}"""), (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation)));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Nothing_is_spoken_in_the_clear()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using HttpClient client = new();
        UriBuilder clear = new(broker.Server.Address) { Scheme = "http" };

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri(clear.Uri, "v1/health"), Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => BrokerServer.StartAsync(
            [broker.Core], BrokerCertificates.OfOwner(_owner.Secret, ["127.0.0.1"], _clock, SystemEntropy.Instance), new ReleaseRecords(Stream.Null), _clock, new BrokerServerOptions { Listen = clear.Uri }, Cancellation));
    }

    [Fact]
    public async Task A_client_refuses_a_broker_of_another_authority_or_name()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using PlayOwner other = new();
        using BrokerCertificates theirs = BrokerCertificates.OfOwner(other.Secret, ["127.0.0.1"], new StillClock(DateTimeOffset.UtcNow), SystemEntropy.Instance);
        using HttpClient stranger = PlayBroker.Trusting(theirs.AuthorityPem!, broker.Server.Address);
        using HttpClient named = PlayBroker.Trusting(broker.AuthorityPem, new UriBuilder(broker.Server.Address) { Host = "localhost" }.Uri);

        Assert.IsType<AuthenticationException>((await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetStringAsync(new Uri("v1/health", UriKind.Relative), Cancellation))).InnerException);
        Assert.IsType<AuthenticationException>((await Assert.ThrowsAsync<HttpRequestException>(() => named.GetStringAsync(new Uri("v1/health", UriKind.Relative), Cancellation))).InnerException);
    }

    [Fact]
    public async Task A_client_that_has_the_authority_knows_the_broker_after_a_restart()
    {
        using BrokerCertificates before = BrokerCertificates.OfOwner(_owner.Secret, ["127.0.0.1"], _clock, SystemEntropy.Instance);
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using HttpClient client = PlayBroker.Trusting(before.AuthorityPem!, broker.Server.Address);

        Assert.Contains("ok", await client.GetStringAsync(new Uri("v1/health", UriKind.Relative), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Old_versions_of_TLS_are_refused()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using TcpClient tcp = new();
        await tcp.ConnectAsync(broker.Server.Address.Host, broker.Server.Address.Port, Cancellation);
        await using SslStream tls = new(tcp.GetStream());
#pragma warning disable CA5397, CA5359, SYSLIB0039 // The old version is what is tried.
        SslClientAuthenticationOptions old = new() { TargetHost = "127.0.0.1", EnabledSslProtocols = SslProtocols.Tls11, RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5397, CA5359, SYSLIB0039

        await Assert.ThrowsAnyAsync<Exception>(() => tls.AuthenticateAsClientAsync(old, Cancellation));
    }

    [Fact]
    public async Task A_leaf_is_made_anew_before_it_ends()
    {
        using BrokerCertificates certificates = BrokerCertificates.OfOwner(_owner.Secret, ["127.0.0.1", "broker.example"], _clock, SystemEntropy.Instance);
        string first = certificates.Current().Thumbprint;
        Assert.True(certificates.Current().MatchesHostname("broker.example"));
        Assert.False(certificates.Current().MatchesHostname("other.example"));

        Assert.Equal(first, certificates.Current().Thumbprint);
        _clock.Advance(TimeSpan.FromDays(46));
        Assert.NotEqual(first, certificates.Current().Thumbprint);
        Assert.True(certificates.Current().NotAfter.ToUniversalTime() > _clock.UtcNow.UtcDateTime.AddDays(80));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Bodies_that_are_no_messages_are_refused_and_the_server_lives()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock, options: Patient);
        byte[] request = ReleaseWire.WriteRequest(PlayEnclave.Simulated(_enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, 0), _owner.Development));
        Random random = new(20260102);
        for (int round = 0; round < (Environment.GetEnvironmentVariable("CULVERT_NIGHTLY") == "1" ? 20_000 : 150); round++)
        {
            byte[] body = round % 3 == 0 ? RandomNumberGenerator.GetBytes(random.Next(200)) : [.. request];
            for (int flips = round % 3 == 0 ? 0 : random.Next(1, 6); flips > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            (HttpStatusCode status, byte[] answer) = await broker.PostAsync(round % 2 == 0 ? "v1/release" : "v1/challenge", body);

            // An altered byte where nothing is bound (white space, the case of a digit) may leave the request what it was.
            if (status != HttpStatusCode.OK)
            {
                Assert.True(ReleaseWire.ReadRefusal(answer).Succeeded, Encoding.UTF8.GetString(answer));
                Assert.Contains(status, new[] { HttpStatusCode.BadRequest, HttpStatusCode.Forbidden });
            }
        }

        Assert.NotNull(await broker.ChallengeAsync(_owner.Job));
    }

    [Fact]
    public async Task Too_much_another_type_and_other_paths_are_refused()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await broker.PostAsync("v1/challenge", new byte[ReleaseLimits.AskBytesMax + 1])).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await broker.PostAsync("v1/challenge", "{}"u8.ToArray(), "text/plain")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await broker.PostAsync("v2/challenge", "{}"u8.ToArray())).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await broker.Client.GetAsync(new Uri("v1/release", UriKind.Relative), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await broker.PostAsync("v1/release", "{}"u8.ToArray())).Status);
    }

    [Fact]
    public async Task A_body_longer_than_evidence_can_be_is_refused_before_it_is_read()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/release") { Content = new ByteArrayContent(new byte[ReleaseLimits.RequestBytesMax + 1]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.ExpectContinue = true;

        using HttpResponseMessage response = await broker.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_client_that_asks_too_often_has_to_wait()
    {
        BrokerServerOptions options = Patient with { ClientBurst = 3, ClientRatePerSecond = 2 };
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock, options: options);
        async Task<HttpStatusCode> Health() => (await broker.Client.GetAsync(new Uri("v1/health", UriKind.Relative), Cancellation)).StatusCode;

        async Task<int[]> Healths(int times)
        {
            int[] found = new int[times];
            for (int i = 0; i < times; i++)
            {
                found[i] = (int)await Health();
            }

            return found;
        }

        int[] first = await Healths(5);
        Assert.Equal([200, 200, 200, 429, 429], first);
        _clock.Advance(TimeSpan.FromSeconds(1));
        int[] second = await Healths(3);
        Assert.Equal([200, 200, 429], second);
        Assert.Equal(["rate", "rate"], broker.Records().Select(record => record.GetProperty("check").GetString()));
    }

    [Fact]
    public async Task Every_release_and_refusal_is_on_record_and_no_key_is()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock);
        ReleaseRequest request = PlayEnclave.Simulated(_enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, 0, 1), _owner.Development);
        ReleaseAnswer answer = await broker.ReleaseAsync(request);
        await broker.RefusedAsync(request);
        await broker.RefusedChallengeAsync("none", PlayOwner.Plan);
        await broker.PostAsync("v1/release", "{"u8.ToArray());

        JsonElement[] records = broker.Records();

        Assert.Equal(["released", "refused", "refused", "refused"], records.Select(record => record.GetProperty("result").GetString()));
        Assert.Equal(["nonce.used", "job.unknown", "request.malformed"], records.Skip(1).Select(record => record.GetProperty("check").GetString()));
        JsonElement released = records[0];
        Assert.Equal(_owner.Job, released.GetProperty("job").GetString());
        Assert.Equal([0, 1], released.GetProperty("stages").EnumerateArray().Select(stage => stage.GetInt32()));
        Assert.Equal(("simulation", "warning", "127.0.0.1", 1), (released.GetProperty("kind").GetString(), released.GetProperty("status").GetString(), released.GetProperty("client").GetString(), released.GetProperty("manifestVersion").GetInt32()));
        Assert.Equal(Convert.ToHexStringLower(PlayOwner.SimulatedMeasurement), released.GetProperty("measurement").GetProperty("measurement").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(request.Binding.Nonce.AsSpan())), released.GetProperty("nonce").GetString());
        using KeyBundle bundle = _enclave.Open(request.Binding, answer, 0);
        string text = string.Concat(records.Select(record => record.GetRawText()));
        Assert.All(bundle.Edges.Values.Append(bundle.ProofSalt), key =>
        {
            Assert.DoesNotContain(Convert.ToHexStringLower(key.Bytes), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(key.Bytes), text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_cannot_be_put_on_record_does_not_leave()
    {
        using KeyBrokerCore core = _owner.Broker(_clock);
        PlayOwner.Value(await core.TakeAsync(_owner.History(_owner.First()), Cancellation));
        using BrokerCertificates certificates = BrokerCertificates.OfOwner(_owner.Secret, ["127.0.0.1"], new StillClock(DateTimeOffset.UtcNow), SystemEntropy.Instance);
        await using FullStream full = new();
        using ReleaseRecords records = new(full);
        await using BrokerServer server = await BrokerServer.StartAsync([core], certificates, records, _clock, Patient, Cancellation);
        using HttpClient client = PlayBroker.Trusting(certificates.AuthorityPem!, server.Address);
        ReleaseChallenge challenge = core.Challenge(new ReleaseAsk { Job = _owner.Job, Plan = PlayOwner.Plan }).Challenge!;
        using ByteArrayContent content = new(ReleaseWire.WriteRequest(PlayEnclave.Simulated(_enclave.Bind(challenge, _owner.Job, 0), _owner.Development)));
        content.Headers.ContentType = new("application/json");

        using HttpResponseMessage response = await client.PostAsync(new Uri("v1/release", UriKind.Relative), content, Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(ReleaseCheck.Store, PlayOwner.Value(ReleaseWire.ReadRefusal(await response.Content.ReadAsByteArrayAsync(Cancellation))).Check);
    }

    [Fact]
    public async Task A_dry_run_says_so_and_releases_nothing()
    {
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock, behaviour: new KeyBrokerOptions { IsDryRun = true });
        Assert.Equal("dry-run", await broker.RefusedAsync(PlayEnclave.Simulated(_enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, 1), _owner.Development)));
        Assert.Equal("dry-run", await broker.RefusedAsync(PlayEnclave.Simulated(_enclave.Bind(await broker.ChallengeAsync(_owner.Job), _owner.Job, 9), _owner.Development)));

        Assert.Equal(["wouldRelease", "wouldRefuse"], broker.Records().Select(record => record.GetProperty("result").GetString()));
    }

    [Fact]
    public async Task Manifests_are_there_for_who_asks_in_all_their_versions()
    {
        Manifest first = _owner.First();
        await using PlayBroker broker = await PlayBroker.StartAsync(_owner, _clock, versions: [first, _owner.After(first)]);
        async Task<SignedManifest> Get(string path) => PlayOwner.Value(ManifestDocument.Read(await broker.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancellation)));

        Assert.Equal(2, (await Get($"v1/manifest/{_owner.Job}")).Manifest.Version);
        Assert.Equal(_owner.Signed(first).Digest, (await Get($"v1/manifest/{_owner.Job}/1")).Digest);
        Assert.Equal(HttpStatusCode.NotFound, (await broker.Client.GetAsync(new Uri("v1/manifest/none", UriKind.Relative), Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await broker.Client.GetAsync(new Uri($"v1/manifest/{_owner.Job}/3", UriKind.Relative), Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Owners_and_jobs_are_apart()
    {
        using PlayOwner other = new(_owner.Job);
        KeyBrokerCore[] cores = [_owner.Broker(_clock), other.Broker(_clock)];
        PlayOwner.Value(await cores[0].TakeAsync(_owner.History(_owner.First()), Cancellation));
        PlayOwner.Value(await cores[0].TakeAsync(_owner.History(_owner.First() with { Job = "a second job", Lineage = [.. new byte[16]] }), Cancellation));
        PlayOwner.Value(await cores[1].TakeAsync(other.History(other.First()), Cancellation));
        await using PlayBroker broker = await PlayBroker.StartAsync([.. cores], _owner, _clock);
        string[] paths = [.. cores.Select(BrokerServer.NameOf)];

        ReleaseChallenge own = await broker.ChallengeAsync(_owner.Job, $"{paths[0]}/v1/challenge");
        ReleaseChallenge theirs = await broker.ChallengeAsync(_owner.Job, $"{paths[1]}/v1/challenge");
        ReleaseChallenge second = await broker.ChallengeAsync("a second job", $"{paths[0]}/v1/challenge");
        Assert.NotEqual(own.Owner, theirs.Owner);
        Assert.NotEqual(own.Lineage, second.Lineage);
        Assert.Equal(HttpStatusCode.NotFound, (await broker.PostAsync("v1/challenge", ReleaseWire.WriteAsk(new ReleaseAsk { Job = _owner.Job, Plan = PlayOwner.Plan }))).Status);

        // One owner's challenge and evidence are nothing to the other's broker, nor one job's to the other job.
        byte[] request = ReleaseWire.WriteRequest(PlayEnclave.Simulated(_enclave.Bind(theirs, _owner.Job, 0), other.Development));
        Assert.Contains("nonce.unknown", Encoding.UTF8.GetString((await broker.PostAsync($"{paths[0]}/v1/release", request)).Body), StringComparison.Ordinal);
        byte[] crossed = ReleaseWire.WriteRequest(PlayEnclave.Simulated(_enclave.Bind(second, _owner.Job, 0), _owner.Development));
        Assert.Contains("binding.challenge", Encoding.UTF8.GetString((await broker.PostAsync($"{paths[0]}/v1/release", crossed)).Body), StringComparison.Ordinal);

        ReleaseRequest right = PlayEnclave.Simulated(_enclave.Bind(own, _owner.Job, 0), _owner.Development);
        using KeyBundle mine = _enclave.Open(right.Binding, await broker.ReleaseAsync(right, $"{paths[0]}/v1/release"), 0);
        ReleaseBinding again = _enclave.Bind(await broker.ChallengeAsync(_owner.Job, $"{paths[1]}/v1/challenge"), _owner.Job, 0);
        using KeyBundle others = _enclave.Open(again, await broker.ReleaseAsync(PlayEnclave.Simulated(again, other.Development), $"{paths[1]}/v1/release"), 0);
        Assert.NotEqual(Convert.ToHexString(mine.ProofSalt.Bytes), Convert.ToHexString(others.ProofSalt.Bytes));
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
    }

    private static BrokerServerOptions Patient => PlayBroker.Patient with { ClientBurst = 1_000_000 };

    private sealed class FullStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new IOException("no space left on the device"));
    }
}
