namespace Culvert.KeyBroker;

/// <summary>Where a broker listens, and how much it takes.</summary>
public sealed record BrokerServerOptions
{
    /// <summary>An <c>https</c> address without a path; port 0 for one that is free.</summary>
    public required Uri Listen { get; init; }

    /// <summary>Connections at a time; more are refused. Default 256.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>
    /// Requests with evidence that are read and decided at a time; others wait. Each takes up to some 50 MiB while it is read.
    /// Default 16.
    /// </summary>
    public int ReleasesMax { get; init; } = 16;

    /// <summary>Requests that a client may make at once, after a pause. Default 128.</summary>
    public int ClientBurst { get; init; } = 128;

    /// <summary>Requests a second that a client may make for long. Default 16.</summary>
    public double ClientRatePerSecond { get; init; } = 16;

    /// <summary>How long a client may take for the handshake of TLS, and for a request's headers. Default 30 s.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may be idle. Default 60 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
