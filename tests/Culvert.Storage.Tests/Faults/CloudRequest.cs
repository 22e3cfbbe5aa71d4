namespace Culvert.Storage.Tests;

/// <summary>What a request of a driver asks for.</summary>
internal enum CloudRequest
{
    /// <summary>An object's bytes or length.</summary>
    Get,

    /// <summary>To store an object.</summary>
    Put,

    /// <summary>A list.</summary>
    List,

    /// <summary>To remove an object.</summary>
    Remove,

    /// <summary>Something about the container, or folders.</summary>
    Container,
}

/// <summary>Tells the requests of the three protocols.</summary>
internal static class CloudRequests
{
    // Parts of the path before an object's name: the bucket; account and container; the location and the folder.
    internal static CloudRequest KindOf(ServerKind kind, HttpMessage request)
    {
        int container = kind == ServerKind.S3 ? 1 : 2;
        bool isObject = request.Path.Trim('/').Split('/').Length > container;
        string query = request.Target.Contains('?', StringComparison.Ordinal) ? request.Target.Split('?', 2)[1] : "";
        return request.Method switch
        {
            "PROPFIND" => CloudRequest.List,
            "GET" when query.Contains("list-type=2", StringComparison.Ordinal) || query.Contains("comp=list", StringComparison.Ordinal) => CloudRequest.List,
            "GET" or "HEAD" when isObject => CloudRequest.Get,
            "PUT" or "MOVE" when isObject => CloudRequest.Put,
            "DELETE" when isObject => CloudRequest.Remove,
            _ => CloudRequest.Container,
        };
    }
}
