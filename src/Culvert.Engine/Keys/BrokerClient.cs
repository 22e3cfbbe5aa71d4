using System.Collections.Immutable;
using System.Net.Http.Headers;
using Culvert.Attestation;

namespace Culvert.Engine;

/// <summary>
/// An owner's broker elsewhere, over HTTPS (docs/specs/key-release.md). Its certificate has to be of the authority that was
/// named, or where none was of one that the system trusts. What it answers is bounded, and believed no further than the
/// binding goes. Thread safe.
/// </summary>
public sealed class BrokerClient : IKeyBroker, IDisposable
{
    /// <summary>How long one answer may take: a broker verifies in milliseconds.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Manifest versions that are fetched.</summary>
    private const int VersionsMax = 4096;

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly BrokerTrust _trust;

    private BrokerClient(HttpClient http, Uri address, BrokerTrust trust) => (_http, _address, _trust) = (http, address, trust);

    /// <summary>Whether an address can be a broker's at all: <c>https://HOST:PORT</c>, and a path where the broker has one.</summary>
    public static bool IsAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;

    /// <summary>
    /// A client of the broker at an address. Refuses anything but <c>https</c>, and an authority's file that cannot be read or
    /// holds no certificate.
    /// </summary>
    /// <param name="address">Such as <c>https://127.0.0.1:8443</c>.</param>
    /// <param name="authority">A file with the certificate of the broker's authority, PEM; null: what the system trusts.</param>
    public static Outcome<BrokerClient> Of(string address, string? authority)
    {
        if (!IsAddress(address))
        {
            return new Failure(FailureKind.Malformed, $"{address}: the address of a key broker is https://HOST:PORT");
        }

        Outcome<BrokerTrust> trust = BrokerTrust.In(authority);
        if (!trust.Succeeded)
        {
            return trust.Failure;
        }

        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 16,
            SslOptions = trust.Value.Options(),
        };
        HttpClient http = new(handler) { Timeout = s_patience, MaxResponseContentBufferSize = ReleaseLimits.AnswerBytesMax };
        return new BrokerClient(http, new Uri(new Uri(address).AbsoluteUri.TrimEnd('/') + "/"), trust.Value);
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ReleaseChallenge>> ChallengeAsync(ReleaseAsk ask, CancellationToken cancellationToken)
    {
        Outcome<byte[]> answer = await PostAsync("v1/challenge", ReleaseWire.WriteAsk(ask), cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? ReleaseWire.ReadChallenge(answer.Value) : answer.Failure;
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ReleaseAnswer>> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken)
    {
        Outcome<byte[]> answer = await PostAsync("v1/release", ReleaseWire.WriteRequest(request), cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? ReleaseWire.ReadAnswer(answer.Value) : answer.Failure;
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<ImmutableArray<SignedManifest>>> ManifestsAsync(string job, CancellationToken cancellationToken)
    {
        string path = $"v1/manifest/{Uri.EscapeDataString(job)}";
        Outcome<SignedManifest> current = await ManifestAsync(path, cancellationToken).ConfigureAwait(false);
        if (!current.Succeeded)
        {
            return current.Failure;
        }

        if (current.Value.Manifest.Version > VersionsMax)
        {
            return new Failure(FailureKind.TooLarge, $"the manifest has over {VersionsMax} versions");
        }

        ImmutableArray<SignedManifest>.Builder versions = ImmutableArray.CreateBuilder<SignedManifest>();
        for (int version = 1; version < current.Value.Manifest.Version; version++)
        {
            Outcome<SignedManifest> earlier = await ManifestAsync(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}/{version}"), cancellationToken).ConfigureAwait(false);
            if (!earlier.Succeeded)
            {
                return earlier.Failure;
            }

            versions.Add(earlier.Value);
        }

        versions.Add(current.Value);
        return versions.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async ValueTask<Outcome<SignedManifest>> ManifestAsync(string path, CancellationToken cancellationToken)
    {
        Outcome<byte[]> answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(_address, path)), cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? ManifestDocument.Read(answer.Value) : answer.Failure;
    }

    private ValueTask<Outcome<byte[]>> PostAsync(string path, byte[] body, CancellationToken cancellationToken) => SendAsync(
        () => new HttpRequestMessage(HttpMethod.Post, new Uri(_address, path))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        },
        cancellationToken);

    private async ValueTask<Outcome<byte[]>> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage request = make();
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return body;
            }

            Outcome<ReleaseRefusal> refusal = ReleaseWire.ReadRefusal(body);
            return refusal.Succeeded
                ? refusal.Value.ToFailure()
                : new Failure(FailureKind.Io, $"{_address} answered {(int)response.StatusCode}, and not as a key broker does: --broker takes the address that the broker says when it starts");
        }
        catch (HttpRequestException failure)
        {
            string why = failure.InnerException is System.Security.Authentication.AuthenticationException
                ? _trust.WhyRefused() ?? failure.InnerException.Message
                : $"{failure.InnerException?.Message ?? failure.Message}; 'culvert broker' says at its start where it listens";
            return new Failure(FailureKind.Io, $"{_address} cannot be asked: {why}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Failure(FailureKind.Io, $"{_address} did not answer within {s_patience.TotalSeconds:0} s");
        }
    }
}
