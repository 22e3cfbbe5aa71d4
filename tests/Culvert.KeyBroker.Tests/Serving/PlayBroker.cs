using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Culvert.Attestation;
using Culvert.Attestation.Tests.Forge;
using Culvert.Attestation.Tests.Release;

namespace Culvert.KeyBroker.Tests.Serving;

/// <summary>A real broker on a free port of the loopback, with what its clients need.</summary>
internal sealed class PlayBroker : IAsyncDisposable
{
    private readonly MemoryStream _lines = new();
    private readonly ReleaseRecords _records;
    private readonly ImmutableArray<KeyBrokerCore> _cores;
    private readonly BrokerCertificates _certificates;

    private PlayBroker(ImmutableArray<KeyBrokerCore> cores, BrokerCertificates certificates)
    {
        (_cores, _certificates) = (cores, certificates);
        _records = new ReleaseRecords(_lines);
    }

    /// <summary>On a free port, for machines that are busy with much else.</summary>
    internal static BrokerServerOptions Patient => new() { Listen = new Uri("https://127.0.0.1:0"), HeadersTimeout = TimeSpan.FromMinutes(5) };

    internal BrokerServer Server { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    internal KeyBrokerCore Core => _cores[0];

    internal string AuthorityPem => _certificates.AuthorityPem!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<PlayBroker> StartAsync(PlayOwner owner, StillClock clock, VendorRoots? roots = null, BrokerServerOptions? options = null, KeyBrokerOptions? behaviour = null, params Manifest[] versions)
    {
        KeyBrokerCore core = owner.Broker(clock, roots, options: behaviour);
        PlayOwner.Value(await core.TakeAsync(owner.History(versions.Length == 0 ? [owner.First()] : versions), Cancellation));
        return await StartAsync([core], owner, clock, options);
    }

    internal static async Task<PlayBroker> StartAsync(ImmutableArray<KeyBrokerCore> cores, PlayOwner authority, StillClock clock, BrokerServerOptions? options = null)
    {
        // Certificates of TLS are checked by the machine's clock, evidence by the broker's.
        BrokerCertificates certificates = BrokerCertificates.OfOwner(authority.Secret, ["127.0.0.1"], MachineTime.Instance, SystemEntropy.Instance);
        PlayBroker broker = new(cores, certificates);
        options ??= Patient;
        broker.Server = await BrokerServer.StartAsync(cores, certificates, broker._records, clock, options, Cancellation);
        broker.Client = Trusting(certificates.AuthorityPem!, broker.Server.Address);
        return broker;
    }

    /// <summary>A client that knows one authority and no other.</summary>
    internal static HttpClient Trusting(string authorityPem, Uri address)
    {
        X509Certificate2 authority = X509Certificate2.CreateFromPem(authorityPem);
        SocketsHttpHandler handler = new()
        {
            Expect100ContinueTimeout = TimeSpan.FromMinutes(1),
            SslOptions = new()
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler) { BaseAddress = address };
    }

    /// <summary>A challenge for the owner's job, through the server.</summary>
    internal async Task<ReleaseChallenge> ChallengeAsync(string job, string path = "v1/challenge")
    {
        (HttpStatusCode status, byte[] body) = await PostAsync(path, ReleaseWire.WriteAsk(new ReleaseAsk { Job = job, Plan = PlayOwner.Plan }));
        Assert.Equal((HttpStatusCode.OK, ""), (status, status == HttpStatusCode.OK ? "" : Encoding.UTF8.GetString(body)));
        return PlayOwner.Value(ReleaseWire.ReadChallenge(body));
    }

    /// <summary>The name of the check that refused a challenge.</summary>
    internal async Task<string> RefusedChallengeAsync(string job, PlanDigest plan)
    {
        (_, byte[] body) = await PostAsync("v1/challenge", ReleaseWire.WriteAsk(new ReleaseAsk { Job = job, Plan = plan }));
        return ReleaseCheckName.Of(PlayOwner.Value(ReleaseWire.ReadRefusal(body)).Check);
    }

    /// <summary>What is released for evidence.</summary>
    internal async Task<ReleaseAnswer> ReleaseAsync(ReleaseRequest request, string path = "v1/release")
    {
        (HttpStatusCode status, byte[] body) = await PostAsync(path, ReleaseWire.WriteRequest(request));
        Assert.Equal((HttpStatusCode.OK, ""), (status, status == HttpStatusCode.OK ? "" : Encoding.UTF8.GetString(body)));
        return PlayOwner.Value(ReleaseWire.ReadAnswer(body));
    }

    /// <summary>The name of the check that refused evidence; what is said beside it is in the test's output.</summary>
    internal async Task<string> RefusedAsync(ReleaseRequest request)
    {
        (HttpStatusCode status, byte[] body) = await PostAsync("v1/release", ReleaseWire.WriteRequest(request));
        string text = Encoding.UTF8.GetString(body);
        Assert.True(status != HttpStatusCode.OK, "keys were released");
        ReleaseRefusal refusal = PlayOwner.Value(ReleaseWire.ReadRefusal(body));
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Assert.NotEmpty(refusal.Words);
        return ReleaseCheckName.Of(refusal.Check);
    }

    internal async Task<(HttpStatusCode Status, byte[] Body)> PostAsync(string path, byte[] body, string type = "application/json")
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };

        // Whoever is refused before his body was read could be cut off in the middle of sending it.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await Client.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    /// <summary>The records so far.</summary>
    internal JsonElement[] Records() =>
        [.. Encoding.UTF8.GetString(_lines.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        foreach (KeyBrokerCore core in _cores)
        {
            core.Dispose();
        }

        _certificates.Dispose();
        _records.Dispose();
        await _lines.DisposeAsync();
    }

    private sealed class MachineTime : IClock
    {
        internal static MachineTime Instance { get; } = new();

        public DateTimeOffset UtcNow => DateTimeOffset.UtcNow;

        public TimeSpan Elapsed => TimeSpan.FromMilliseconds(Environment.TickCount64);

        public Task Delay(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, cancellationToken);
    }
}
