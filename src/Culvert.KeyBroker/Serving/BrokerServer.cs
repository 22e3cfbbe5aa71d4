using System.Collections.Immutable;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using Culvert.Attestation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Culvert.KeyBroker;

/// <summary>
/// A key broker behind HTTPS (docs/specs/key-release.md, "HTTP"): TLS 1.2 and 1.3, HTTP/1.1 and 2, nothing in the clear. Serves
/// one owner at the root, and each of several owners under their key's name; nothing is shared between them but the door.
/// </summary>
public sealed class BrokerServer : IAsyncDisposable
{
    /// <summary>Streams of an HTTP/2 connection at a time.</summary>
    private const int StreamsMax = 16;

    /// <summary>Bytes of a request's line and headers.</summary>
    private const int HeaderBytesMax = 8 << 10;

    private readonly WebApplication _application;
    private readonly ImmutableArray<BrokerEndpoints> _endpoints;

    private BrokerServer(WebApplication application, ImmutableArray<BrokerEndpoints> endpoints, Uri address) =>
        (_application, _endpoints, Address) = (application, endpoints, address);

    /// <summary>Where it listens, with the port that it was given.</summary>
    public Uri Address { get; }

    /// <summary>Begins to listen. The brokers, certificates and records stay the caller's, who disposes them after the server.</summary>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<BrokerServer> StartAsync(
        ImmutableArray<KeyBrokerCore> owners,
        BrokerCertificates certificates,
        ReleaseRecords records,
        IClock clock,
        BrokerServerOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(options.Listen.Scheme, Uri.UriSchemeHttps, nameof(options));
        IPAddress[] addresses = await AddressesOf(options.Listen, cancellationToken).ConfigureAwait(false);

        // Nothing of the surroundings (environment, settings in the current folder) decides how a broker behaves.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel, options);
            foreach (IPAddress address in addresses)
            {
                kestrel.Listen(address, options.Listen.Port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    listen.UseHttps(new HttpsConnectionAdapterOptions
                    {
                        SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                        ServerCertificateSelector = (_, _) => certificates.Current(),
                        HandshakeTimeout = options.HeadersTimeout,
                    });
                });
            }
        });
        builder.Services.AddRoutingCore();
        WebApplication application = builder.Build();
        application.UseRouting();
        ImmutableArray<BrokerEndpoints> endpoints = [.. owners.Select(owner => new BrokerEndpoints(owner, records, clock, options))];
        for (int i = 0; i < owners.Length; i++)
        {
            endpoints[i].Map(application, $"/{NameOf(owners[i])}");
        }

        if (owners.Length == 1)
        {
            endpoints[0].Map(application, "");
        }

        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        string bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new BrokerServer(application, endpoints, new UriBuilder(options.Listen) { Port = new Uri(bound).Port }.Uri);
    }

    /// <summary>Under which path several owners' brokers are: the name of the owner's signing key.</summary>
    public static string NameOf(KeyBrokerCore owner) => Convert.ToHexStringLower(SHA256.HashData(owner.OwnerKey.AsSpan()));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        foreach (BrokerEndpoints endpoints in _endpoints)
        {
            endpoints.Dispose();
        }
    }

    private static void SetLimits(KestrelServerOptions kestrel, BrokerServerOptions options)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.ConnectionsMax;
        limits.MaxRequestBodySize = ReleaseLimits.RequestBytesMax;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.MaxRequestLineSize = HeaderBytesMax / 2;
        limits.MaxRequestHeaderCount = 32;
        limits.RequestHeadersTimeout = options.HeadersTimeout;
        limits.KeepAliveTimeout = options.KeepAliveTimeout;
        limits.Http2.MaxStreamsPerConnection = StreamsMax;
    }

    private static async Task<IPAddress[]> AddressesOf(Uri listen, CancellationToken cancellationToken)
    {
        string host = listen.DnsSafeHost;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        // One port for both families could be taken in one of them.
        return host == "localhost" ? [IPAddress.Loopback] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
    }
}
