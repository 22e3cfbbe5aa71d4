using System.Security.Cryptography;
using Amazon.Runtime;
using static Culvert.Storage.Tests.ScriptedServer;

namespace Culvert.Storage.Tests;

/// <summary>What servers say that cannot be had here: Amazon, R2, B2, MinIO, Azure, Nextcloud, proxies.</summary>
public sealed class ServerDialectTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_is_put_to_s3_with_its_length_and_digest_and_no_newer_checksums_or_chunks_that_many_servers_do_not_know()
    {
        await using ScriptedServer server = new ScriptedServer(_ => Says(200)).Start();
        using S3Cloud cloud = S3(server.Address);
        byte[] content = RandomNumberGenerator.GetBytes(2 << 20);
        Assert.Null((await cloud.PutAsync("unit/object", content, PutCondition.Always, Cancel)).Failure);

        HttpMessage put = Assert.Single(server.Requests);
        Assert.Equal("/units/unit/object", put.Path);
        Assert.Equal($"{content.Length}", put["Content-Length"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), put["x-amz-content-sha256"]);
        Assert.Equal(content, put.Body);
        Assert.DoesNotContain(put.Headers, header => header.Name.Contains("checksum", StringComparison.OrdinalIgnoreCase));
        Assert.Null(put["x-amz-trailer"]);
        Assert.Null(put["Content-Encoding"]);
        Assert.StartsWith("AWS4-HMAC-SHA256 ", put["Authorization"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301, "PermanentRedirect", CloudFailureKind.Refused)]
    [InlineData(307, "TemporaryRedirect", CloudFailureKind.Refused)]
    [InlineData(400, "AuthorizationHeaderMalformed", CloudFailureKind.Refused)]
    [InlineData(400, "IllegalLocationConstraintException", CloudFailureKind.Refused)]
    [InlineData(403, "RequestTimeTooSkewed", CloudFailureKind.Refused)]
    [InlineData(403, "SignatureDoesNotMatch", CloudFailureKind.Refused)]
    [InlineData(409, "OperationAborted", CloudFailureKind.Unavailable)]
    [InlineData(409, "ConditionalRequestConflict", CloudFailureKind.Unavailable)]
    [InlineData(400, "EntityTooLarge", CloudFailureKind.Full)]
    [InlineData(507, "XMinioStorageFull", CloudFailureKind.Full)]
    [InlineData(400, "RequestTimeout", CloudFailureKind.Unavailable)]
    [InlineData(400, "BadDigest", CloudFailureKind.Unavailable)]
    [InlineData(400, "IncompleteBody", CloudFailureKind.Unavailable)]
    [InlineData(411, "MissingContentLength", CloudFailureKind.Refused)]
    [InlineData(429, "TooManyRequests", CloudFailureKind.Unavailable)]
    [InlineData(500, "InternalError", CloudFailureKind.Unavailable)]
    [InlineData(501, "NotImplemented", CloudFailureKind.Malformed)]
    [InlineData(503, "SlowDown", CloudFailureKind.Unavailable)]
    public async Task What_s3_says_is_told_apart_and_asked_once_by_the_driver(int status, string code, CloudFailureKind kind)
    {
        await using ScriptedServer elsewhere = new ScriptedServer(_ => Says(200)).Start();
        await using ScriptedServer server = new ScriptedServer(_ => S3Says(
            status, code, ("Location", elsewhere.Address.AbsoluteUri), ("x-amz-bucket-region", "eu-west-3"), ("Retry-After", "30"),
            ("Date", DateTime.UtcNow.AddHours(3).ToString("r")))).Start();
        using S3Cloud cloud = S3(server.Address);
        Assert.Equal(kind, (await cloud.PutAsync("object", new byte[3], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.GetAsync("object", 0, new byte[3], Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.ListAsync("", null, Cancel)).Failure?.Kind);
        Assert.Equal(3, server.Requests.Count);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(412, "PreconditionFailed", true)]
    [InlineData(304, "NotModified", true)]
    [InlineData(501, "NotImplemented", false)]
    [InlineData(400, "InvalidArgument", false)]
    [InlineData(200, "", false)]
    public async Task Whether_s3_heeds_conditions_of_puts_is_seen_from_what_it_says(int status, string code, bool heeds)
    {
        await using ScriptedServer server = new ScriptedServer(request =>
            request.Method == "GET" ? Says(200, "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>false</IsTruncated></ListBucketResult>")
            : request.Method == "HEAD" ? Says(404)
            : request["If-None-Match"] is null ? Says(200)
            : status is 200 or 304 ? Says(status)
            : S3Says(status, code)).Start();
        using S3Cloud cloud = S3(server.Address);
        Assert.Null((await cloud.CreateAsync(Cancel)).Failure);
        Assert.Equal(heeds, cloud.Traits.ConditionalPut);
        CloudFailureKind? kind = (await cloud.PutAsync("object", new byte[3], PutCondition.IfAbsent, Cancel)).Failure?.Kind;
        Assert.Equal(heeds ? CloudFailureKind.Exists : null, kind);
    }

    [Fact]
    public async Task Two_conditional_puts_that_amazon_sees_at_the_same_moment_are_told_to_try_again_and_do()
    {
        int conflicts = 0;
        await using ScriptedServer server = new ScriptedServer(request =>
            request["If-None-Match"] is null ? Says(request.Method == "DELETE" ? 204 : 200)
            : request.Path.EndsWith("/object", StringComparison.Ordinal) ? conflicts++ == 0 ? S3Says(409, "ConditionalRequestConflict") : Says(200)
            : S3Says(412, "PreconditionFailed")).Start();
        using S3Cloud driver = S3(server.Address);
        RetryingCloud cloud = new(driver, new CloudRetryOptions { PauseBase = TimeSpan.FromMilliseconds(1) }, MachinePorts.Instance, MachinePorts.Instance);
        Assert.Null((await cloud.PutAsync("object", new byte[3], PutCondition.IfAbsent, Cancel)).Failure);
        Assert.Equal(2, conflicts);
    }

    [Theory]
    [InlineData(403, "AuthenticationFailed", CloudFailureKind.Refused)]
    [InlineData(404, "ContainerNotFound", CloudFailureKind.Absent)]
    [InlineData(409, "BlobArchived", CloudFailureKind.Refused)]
    [InlineData(409, "BlobImmutableDueToPolicy", CloudFailureKind.Refused)]
    [InlineData(409, "ContainerBeingDeleted", CloudFailureKind.Unavailable)]
    [InlineData(409, "SnapshotsPresent", CloudFailureKind.Refused)]
    [InlineData(412, "LeaseIdMissing", CloudFailureKind.Refused)]
    [InlineData(500, "OperationTimedOut", CloudFailureKind.Unavailable)]
    [InlineData(503, "ServerBusy", CloudFailureKind.Unavailable)]
    public async Task What_azure_says_is_told_apart(int status, string code, CloudFailureKind kind)
    {
        await using ScriptedServer server = new ScriptedServer(_ => Says(status, "", ("x-ms-error-code", code))).Start();
        using AzureBlobCloud cloud = new("azure", new Uri(server.Address, "units"), "sig=x");
        Assert.Equal(kind, (await cloud.PutAsync("object", new byte[3], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.GetAsync("object", 0, new byte[3], Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.ListAsync("", null, Cancel)).Failure?.Kind);
        Assert.All(server.Requests, request => Assert.Equal("2021-08-06", request["x-ms-version"]));
    }

    [Theory]
    [InlineData(401, CloudFailureKind.Refused)]
    [InlineData(302, CloudFailureKind.Refused)]
    [InlineData(301, CloudFailureKind.Refused)]
    [InlineData(423, CloudFailureKind.Unavailable)]
    [InlineData(429, CloudFailureKind.Unavailable)]
    [InlineData(503, CloudFailureKind.Unavailable)]
    [InlineData(507, CloudFailureKind.Full)]
    [InlineData(413, CloudFailureKind.Full)]
    [InlineData(501, CloudFailureKind.Malformed)]
    public async Task What_webdav_servers_say_is_told_apart_and_nobody_is_sent_elsewhere(int status, CloudFailureKind kind)
    {
        await using ScriptedServer elsewhere = new ScriptedServer(_ => Says(201)).Start();
        await using ScriptedServer server = new ScriptedServer(
            _ => Says(status, "", ("Location", elsewhere.Address.AbsoluteUri), ("WWW-Authenticate", "Basic realm=\"x\""), ("Retry-After", "30"))).Start();
        using WebDavCloud cloud = WebDav(server.Address);
        Assert.Equal(kind, (await cloud.PutAsync("object", new byte[3], PutCondition.Always, Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.GetAsync("object", 0, new byte[3], Cancel)).Failure?.Kind);
        Assert.Equal(kind, (await cloud.ListAsync("", null, Cancel)).Failure?.Kind);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(ServerKind.WebDav)]
    [InlineData(ServerKind.Azure)]
    [InlineData(ServerKind.S3)]
    public async Task A_server_that_takes_no_object_so_large_is_full_although_it_reads_none_of_it(ServerKind kind)
    {
        await using ScriptedServer server = new ScriptedServer(
            _ => Says(201), request => request["Content-Length"] is { Length: > 7 } ? Says(413) : null).Start();
        ICloud cloud = kind switch
        {
            ServerKind.S3 => S3(server.Address),
            ServerKind.Azure => new AzureBlobCloud("azure", new Uri(server.Address, "units"), "sig=x"),
            _ => WebDav(server.Address),
        };
        Assert.Equal(CloudFailureKind.Full, (await cloud.PutAsync("object", new byte[CloudLimits.ObjectBytesMax], PutCondition.Always, Cancel)).Failure?.Kind);
        (cloud as IDisposable)?.Dispose();
    }

    [Fact]
    public async Task A_webdav_list_of_a_proxy_whose_server_has_another_path_is_malformed_and_no_empty_cloud()
    {
        await using ScriptedServer server = new ScriptedServer(_ => Says(207, """
            <?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:href>/remote.php/dav/</d:href><d:propstat><d:prop>
            <d:resourcetype><d:collection/></d:resourcetype></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>
            """, ("Content-Type", "application/xml; charset=utf-8"))).Start();
        using WebDavCloud cloud = WebDav(server.Address);
        Assert.Equal(CloudFailureKind.Malformed, (await cloud.ListAsync("", null, Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task A_webdav_server_is_never_asked_for_more_than_one_folder_deep()
    {
        await using ScriptedServer server = new ScriptedServer(request => Says(207, $"""
            <?xml version="1.0"?><multistatus xmlns="DAV:"><response><href>http://internal.example:8080{request.Path}</href><propstat><prop>
            <resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>
            """)).Start();
        using WebDavCloud cloud = WebDav(server.Address);
        Assert.Empty((await cloud.ListAsync("", null, Cancel)).Value.Entries);
        Assert.All(server.Requests, request => Assert.Equal("1", request["Depth"]));
    }

    private static S3Cloud S3(Uri server) =>
        new("s3", new S3Options(server, "units", "us-east-1", PathStyle: true), new BasicAWSCredentials("key", "secret"), MachinePorts.Instance);

    private static WebDavCloud WebDav(Uri server) => new("webdav", new WebDavOptions(new Uri(server, "units/"), "u", "p"), MachinePorts.Instance);
}
