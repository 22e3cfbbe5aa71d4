using System.Net;
using System.Net.Http.Headers;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Culvert.Storage;

/// <summary>
/// A bucket of Amazon's S3 or of a server that speaks it. One attempt a call (<see cref="RetryingCloud"/> adds more). Conditional
/// puts are <c>If-None-Match: *</c> where the server heeds it, which is tried once with an object of its own. Thread safe.
/// </summary>
public sealed class S3Cloud : ICloud, IDisposable
{
    // The library's answer to a range behind the end does not hold the length: it is asked for.
    private static readonly CloudFailure s_behind = new(CloudFailureKind.Malformed, "a range behind the end");

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly IEntropy _entropy;
    private readonly PutProbe _probe;

    /// <summary>A bucket's cloud; nothing is asked yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="credentials">Who asks.</param>
    /// <param name="entropy">The name of the object that conditional puts are tried with.</param>
    public S3Cloud(string name, S3Options options, AWSCredentials credentials, IEntropy entropy)
    {
        (Name, _options, _entropy) = (name, options, entropy);
        AmazonS3Config config = new()
        {
            ForcePathStyle = options.PathStyle,

            // Retries, time-outs and checks of content are Culvert's own; servers beside Amazon's know none of the newer checksums.
            MaxErrorRetry = 0,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }
        else
        {
            config.ServiceURL = options.Endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
        }

        config.HttpClientFactory = new BoundedClientFactory(options.Endpoint ?? new Uri("https://s3.amazonaws.com/"));
        _client = new AmazonS3Client(credentials, config);
        _probe = new PutProbe(HeedsIfNoneMatchAsync);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CloudTraits Traits => new(ConditionalPut: _probe.Known == true);

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        // Asked first, so that a right to make buckets is needed only where there is none.
        CloudOutcome<CloudDone> found = await SendAsync<CloudDone>(
            "find the bucket",
            async () =>
            {
                await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, MaxKeys = 1 }, cancellationToken)
                    .ConfigureAwait(false);
                return default(CloudDone);
            },
            cancellationToken).ConfigureAwait(false);
        if (found.Failure?.Kind == CloudFailureKind.Absent)
        {
            found = await SendAsync<CloudDone>(
                "make the bucket",
                async () =>
                {
                    await _client.PutBucketAsync(new PutBucketRequest { BucketName = _options.Bucket }, cancellationToken).ConfigureAwait(false);
                    return default(CloudDone);
                },
                cancellationToken).ConfigureAwait(false);
        }

        if (!found.Succeeded)
        {
            return found;
        }

        CloudOutcome<bool> probed = await _probe.AskAsync(cancellationToken).ConfigureAwait(false);
        return probed.Succeeded ? default(CloudDone) : probed.Failure;
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        string call = $"list '{prefix}'";
        return new PagedListing($"{Name}: {call}", prefix, after, PageAsync).ListAsync(null, cancellationToken);

        ValueTask<CloudOutcome<ServerPage>> PageAsync(string? token, CancellationToken cancel) => SendAsync<ServerPage>(
            call,
            async () =>
            {
                ListObjectsV2Response page = await _client.ListObjectsV2Async(
                    new ListObjectsV2Request
                    {
                        BucketName = _options.Bucket,
                        Prefix = prefix,
                        StartAfter = token is null ? after : null,
                        ContinuationToken = token,
                        MaxKeys = CloudLimits.ListEntriesMax,
                    },
                    cancel).ConfigureAwait(false);
                List<CloudEntry> entries = [.. (page.S3Objects ?? []).Select(item => new CloudEntry(item.Key ?? "", item.Size ?? -1))];
                return new ServerPage(entries, page.IsTruncated == true ? page.NextContinuationToken : null);
            },
            cancel);
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        string call = $"get '{name}'";
        if (!destination.IsEmpty)
        {
            CloudOutcome<CloudRead> read = await SendAsync(
                call, () => ReadAsync($"{Name}: {call}", name, offset, destination, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (!ReferenceEquals(read.Failure, s_behind))
            {
                return read;
            }
        }

        CloudOutcome<CloudRead> length = await SendAsync<CloudRead>(
            call,
            async () =>
            {
                GetObjectMetadataResponse found = await _client.GetObjectMetadataAsync(
                    new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = name }, cancellationToken).ConfigureAwait(false);
                return new CloudRead(0, found.ContentLength);
            },
            cancellationToken).ConfigureAwait(false);
        return length.Succeeded && !destination.IsEmpty ? ObjectBody.Behind($"{Name}: {call}", offset, length.Value.ObjectBytes) : length;
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        if (condition == PutCondition.Always)
        {
            return await StoreAsync(name, content, ifNoneMatch: false, cancellationToken).ConfigureAwait(false);
        }

        CloudOutcome<bool> heeds = await _probe.AskAsync(cancellationToken).ConfigureAwait(false);
        if (!heeds.Succeeded)
        {
            return heeds.Failure;
        }

        if (!heeds.Value)
        {
            CloudOutcome<CloudRead> found = await GetAsync(name, 0, Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            if (found.Failure?.Kind != CloudFailureKind.Absent)
            {
                return found.Failure ?? new CloudFailure(CloudFailureKind.Exists, $"{Name}: put '{name}': there is one already");
            }
        }

        return await StoreAsync(name, content, heeds.Value, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        return DeleteAsync(name, cancellationToken);
    }

    /// <summary>Closes connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _probe.Dispose();
    }

    private async ValueTask<CloudOutcome<bool>> HeedsIfNoneMatchAsync(CancellationToken cancellationToken)
    {
        string name = CloudTemporary.NewName(_entropy);
        CloudOutcome<CloudDone> first = await StoreAsync(name, ReadOnlyMemory<byte>.Empty, ifNoneMatch: false, cancellationToken).ConfigureAwait(false);
        if (!first.Succeeded)
        {
            return first.Failure;
        }

        CloudOutcome<CloudDone> second = await StoreAsync(name, ReadOnlyMemory<byte>.Empty, ifNoneMatch: true, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        return second.Failure switch
        {
            null => false,
            { Kind: CloudFailureKind.Exists } => true,
            { Kind: CloudFailureKind.Unavailable } failure => failure,

            // It knows the header well enough to refuse it: NotImplemented, InvalidArgument.
            _ => false,
        };
    }

    private ValueTask<CloudOutcome<CloudDone>> StoreAsync(
        string name, ReadOnlyMemory<byte> content, bool ifNoneMatch, CancellationToken cancellationToken) =>
        SendAsync<CloudDone>(
            $"put '{name}'",
            async () =>
            {
                using ContentStream stream = new(content);
                PutObjectRequest request = new()
                {
                    BucketName = _options.Bucket,
                    Key = name,
                    InputStream = stream,
                    AutoCloseStream = false,
                    UseChunkEncoding = false,
                    ContentType = "application/octet-stream",
                    IfNoneMatch = ifNoneMatch ? "*" : null,
                };
                await _client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
                return default(CloudDone);
            },
            cancellationToken);

    private async ValueTask<CloudOutcome<CloudDone>> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        CloudOutcome<CloudDone> removed = await SendAsync<CloudDone>(
            $"remove '{name}'",
            async () =>
            {
                await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = name }, cancellationToken)
                    .ConfigureAwait(false);
                return default(CloudDone);
            },
            cancellationToken).ConfigureAwait(false);
        return removed.Failure?.Kind == CloudFailureKind.Absent ? default(CloudDone) : removed;
    }

    private async Task<CloudOutcome<CloudRead>> ReadAsync(
        string call, string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        GetObjectRequest request = new()
        {
            BucketName = _options.Bucket,
            Key = name,
            ByteRange = new ByteRange(offset, offset + destination.Length - 1),
        };
        using GetObjectResponse response = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
        _ = ContentRangeHeaderValue.TryParse(response.ContentRange, out ContentRangeHeaderValue? range);
        return await ObjectBody.ReadAsync(
            call, response.HttpStatusCode, response.ContentLength, range, response.ResponseStream, offset, destination, cancellationToken)
            .ConfigureAwait(false) is { } read
            ? ObjectBody.Known(call, read)
            : s_behind;
    }

    private async ValueTask<CloudOutcome<T>> SendAsync<T>(string call, Func<Task<CloudOutcome<T>>> send, CancellationToken cancellationToken)
    {
        string message = $"{Name}: {call}";
        try
        {
            return await send().ConfigureAwait(false);
        }
        catch (AmazonServiceException e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return s_behind;
        }
        catch (AmazonServiceException e) when ((int)e.StatusCode >= 300 && e is not AmazonUnmarshallingException)
        {
            return ServerFailures.FromStatus(message, e.StatusCode, e.ErrorCode);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The library wraps broken connections and unreadable answers in several kinds.
            cancellationToken.ThrowIfCancellationRequested();
            return e is OperationCanceledException
                ? new CloudFailure(CloudFailureKind.Unavailable, $"{message}: the connection broke off")
                : ServerFailures.FromException(message, e)
                ?? (e is AmazonClientException or AmazonServiceException or FormatException or InvalidOperationException
                    ? new CloudFailure(CloudFailureKind.Malformed, $"{message}: an answer that its protocol does not allow here")
                    : throw new InvalidOperationException($"{message}: the S3 library failed", e));
        }
    }
}
