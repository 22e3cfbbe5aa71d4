namespace Culvert.Storage;

/// <summary>Where a bucket is, and how it is reached.</summary>
/// <param name="Endpoint">The server; null for Amazon's in <paramref name="Region"/>.</param>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Region">Its region; what a server of one's own is told when it asks for none: <c>us-east-1</c>.</param>
/// <param name="PathStyle">The bucket is in the path and not in the host's name, as servers of one's own want it.</param>
public sealed record S3Options(Uri? Endpoint, string Bucket, string Region, bool PathStyle);
