using Amazon.Runtime;

namespace Culvert.Storage.Tests;

/// <summary>The kinds of servers that drivers are tested against.</summary>
public enum ServerKind
{
    S3,
    Azure,
    WebDav,
}

/// <summary>Drivers for the servers, straight or through a proxy.</summary>
internal static class ServerClouds
{
    /// <summary>Where a server listens; skips when it is not installed.</summary>
    internal static Task<Uri> ServerAsync(this CloudServers servers, ServerKind kind) => kind switch
    {
        ServerKind.S3 => servers.S3Async(),
        ServerKind.Azure => servers.AzureAsync(),
        _ => servers.WebDavAsync(),
    };

    /// <summary>A driver of one attempt a call, for a container of that name.</summary>
    /// <param name="servers">Whose keys it has.</param>
    /// <param name="kind">Of which server.</param>
    /// <param name="server">Where it listens, or a proxy before it: a URL as <see cref="ServerAsync"/> gives.</param>
    /// <param name="container">The container's name.</param>
    internal static ICloud Open(this CloudServers servers, ServerKind kind, Uri server, string container) => kind switch
    {
        ServerKind.S3 => new S3Cloud(
            "s3", new S3Options(server, container, "us-east-1", PathStyle: true), new BasicAWSCredentials("S3RVER", "S3RVER"), MachinePorts.Instance),
        ServerKind.Azure => new AzureBlobCloud(
            "azure", new Uri(server, container), AzureSignature.New(CloudServers.AzureAccount, servers.AzureKey)),
        _ => new WebDavCloud(
            "webdav", new WebDavOptions(new Uri(server, container), CloudServers.WebDavUser, servers.WebDavPassword), MachinePorts.Instance),
    };
}
