using Amazon.Runtime;

namespace Culvert.Storage;

/// <summary>Gives the S3 library a client whose answers are bounded.</summary>
internal sealed class BoundedClientFactory(Uri server) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => HttpLink.NewClient(server);

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
