using System.Net;
using System.Net.Http.Headers;

namespace Culvert.Storage;

/// <summary>Reads the answer to a request for part of an object (RFC 9110, section 14), and believes nothing that does not fit.</summary>
internal static class ObjectBody
{
    private const int SkipBytes = 64 << 10;

    /// <summary>The range to ask for.</summary>
    internal static RangeHeaderValue Range(long offset, int length) => new(offset, offset + length - 1);

    /// <summary>Reads an answer; null: it does not tell whether the range lies behind the end, and the length has to be asked for.</summary>
    internal static async ValueTask<CloudOutcome<CloudRead>?> ReadAsync(
        string call, HttpResponseMessage response, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                HttpContentHeaders headers = response.Content.Headers;
                return await ReadAsync(
                    call, response.StatusCode, headers.ContentLength, headers.ContentRange, body, offset, destination, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ServerFailures.FromException(call, e)!;
        }
    }

    /// <summary>
    /// Reads an answer of status 200, 206 or 416 into <paramref name="destination"/>, which is not empty; throws what its stream does.
    /// Null: as above.
    /// </summary>
    internal static async ValueTask<CloudOutcome<CloudRead>?> ReadAsync(
        string call,
        HttpStatusCode status,
        long? contentLength,
        ContentRangeHeaderValue? range,
        Stream body,
        long offset,
        Memory<byte> destination,
        CancellationToken cancellationToken)
    {
        switch (status)
        {
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                return range?.Length is { } end ? Behind(call, offset, end) : default(CloudOutcome<CloudRead>?);

            // A range that makes no sense: some servers answer one of an empty object with `bytes 0-0/0`.
            case HttpStatusCode.PartialContent when range is null:
                return null;

            // More than was asked for is as good: some servers take `bytes=0-0` for all.
            case HttpStatusCode.PartialContent:
                return range is { Unit: "bytes", HasRange: true, Length: { } whole } && range.From == offset && whole > offset
                    && range.To - offset + 1 >= Math.Min(destination.Length, whole - offset)
                    ? await FillAsync(call, body, 0, destination[..(int)Math.Min(destination.Length, whole - offset)], whole, cancellationToken).ConfigureAwait(false)
                    : new CloudFailure(CloudFailureKind.Malformed, $"{call}: another range than was asked for");

            // The server does not know ranges, or gives whole objects when all is asked for.
            case HttpStatusCode.OK when contentLength is { } length:
                return offset < length
                    ? await FillAsync(call, body, offset, destination, length, cancellationToken).ConfigureAwait(false)
                    : new CloudRead(0, length);

            default:
                return new CloudFailure(CloudFailureKind.Malformed, $"{call}: an answer without a length (HTTP {(int)status})");
        }
    }

    /// <summary>Reads the answer to a question for an object's length (HEAD); null when it is a failure.</summary>
    internal static CloudOutcome<CloudRead>? Length(string call, HttpResponseMessage response, long offset, bool isAllThatWasAsked)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return null;
        }

        return response.Content.Headers.ContentLength is not { } length ? new CloudFailure(CloudFailureKind.Malformed, $"{call}: an answer without a length")
            : isAllThatWasAsked ? new CloudRead(0, length)
            : Behind(call, offset, length);
    }

    /// <summary>What it means that nothing is at <paramref name="offset"/> of an object of <paramref name="length"/> bytes.</summary>
    internal static CloudOutcome<CloudRead> Behind(string call, long offset, long length) =>
        length <= offset && length >= 0
            ? new CloudRead(0, length)
            : new CloudFailure(CloudFailureKind.Malformed, $"{call}: nothing at {offset}, it says, of {length} bytes");

    /// <summary>Passes <paramref name="skip"/> bytes over, then reads what an object of <paramref name="length"/> bytes has.</summary>
    private static async ValueTask<CloudOutcome<CloudRead>> FillAsync(
        string call, Stream body, long skip, Memory<byte> destination, long length, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(destination.Length, length - skip);
        byte[] skipped = skip == 0 ? [] : new byte[Math.Min(skip, SkipBytes)];
        while (skip > 0)
        {
            int step = await body.ReadAsync(skipped.AsMemory(0, (int)Math.Min(skip, skipped.Length)), cancellationToken).ConfigureAwait(false);
            if (step == 0)
            {
                return new CloudFailure(CloudFailureKind.Unavailable, $"{call}: the connection broke off");
            }

            skip -= step;
        }

        int read = await body.ReadAtLeastAsync(destination[..wanted], wanted, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == wanted
            ? new CloudRead(read, length)
            : new CloudFailure(CloudFailureKind.Unavailable, $"{call}: the connection broke off");
    }
}
