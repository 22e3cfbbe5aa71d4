namespace Culvert.Storage;

/// <summary>
/// The way to a server over HTTP: bounded answers, no redirects (credentials would go along), no cookies, and every failure as a
/// <see cref="CloudFailure"/>. No time-outs of its own: calls are cancelled. Thread safe.
/// </summary>
internal sealed class HttpLink : IDisposable
{
    // A call that waits for a connection would use up its time.
    private const int ConnectionsMax = 64;

    // A smaller body is sent before a refusal could come.
    private const int AskFirstBytesMin = 1 << 20;

    private readonly HttpClient _client;

    internal HttpLink(Uri server) => _client = NewClient(server);

    /// <summary>A client as this link has it.</summary>
    internal static HttpClient NewClient(Uri server)
    {
        SocketsHttpHandler sockets = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // What the environment says of proxies holds for other machines only.
            UseProxy = !server.IsLoopback,
            MaxConnectionsPerServer = ConnectionsMax,
            MaxResponseHeadersLength = AnswerLimits.HeaderKiBMax,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = System.Net.DecompressionMethods.None,
        };
        return new HttpClient(new BoundedAnswers(sockets)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends a request; the answer has come up to its headers, and is the caller's to dispose of.</summary>
    internal async ValueTask<CloudOutcome<HttpResponseMessage>> SendAsync(
        string call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ServerFailures.FromException(call, e)!;
        }
    }

    /// <summary>
    /// Gives a request its body. A large one is asked for first (<c>Expect: 100-continue</c>, RFC 9110 section 10.1.1): a server that
    /// refuses it closes the connection, and its reason would be lost under the bytes that were still on their way.
    /// </summary>
    internal static void Give(HttpRequestMessage request, ReadOnlyMemory<byte> content)
    {
        request.Content = new ReadOnlyMemoryContent(content);
        request.Headers.ExpectContinue = content.Length >= AskFirstBytesMin;
    }

    public void Dispose() => _client.Dispose();
}
