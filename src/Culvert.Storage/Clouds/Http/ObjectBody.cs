using System.Net;
using System.Net.Http.Headers;

namespace Culvert.Storage;

/// <summary>Reads the answer to a request for part of an object (RFC 9110, section 14), and believes nothing that does not fit.</summary>
internal static class ObjectBody
{
    /// <summary>The length of an object when the server sent a part and kept the length to itself (<c>bytes 0-9/*</c>).</summary>
    internal const long UnknownLength = -1;

    private const int SkipBytes = 64 << 10;

    /// <summary>The range to ask for.</summary>
    internal static RangeHeaderValue Range(long offset, int length) => new(offset, offset + length - 1);

    /// <summary>
    /// Reads an answer; null: it does not tell whether the range lies behind the end, and the length has to be asked for. A part may
    /// be read and the length be <see cref="UnknownLength"/>.
    /// </summary>
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

            // Of what is behind the end some servers send the last byte.
            case HttpStatusCode.PartialContent when range is { Unit: "bytes", HasRange: true, Length: null } && range.To < offset:
                return null;

            case HttpStatusCode.PartialContent when range is { Unit: "bytes", HasRange: true, Length: null }:
                return await FillPartAsync(call, body, range, offset, destination, cancellationToken).ConfigureAwait(false);

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

            // All of it up to its end, which nobody tells beforehand.
            case HttpStatusCode.OK:
                return await FillAsync(call, body, offset, destination, null, cancellationToken).ConfigureAwait(false);

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

    /// <summary>A read of a server whose parts have to tell the length: one that does not is malformed.</summary>
    internal static CloudOutcome<CloudRead> Known(string call, CloudOutcome<CloudRead> read) =>
        read is { Succeeded: true, Value.ObjectBytes: UnknownLength }
            ? new CloudFailure(CloudFailureKind.Malformed, $"{call}: a part of an object without its length")
            : read;

    /// <summary>A part whose length was asked for besides.</summary>
    internal static CloudOutcome<CloudRead> Complete(string call, CloudRead part, long offset, int wanted, CloudOutcome<CloudRead> length)
    {
        if (!length.Succeeded)
        {
            return length;
        }

        long whole = length.Value.ObjectBytes;
        return part.Bytes == Math.Clamp(whole - offset, 0, wanted) ? new CloudRead(part.Bytes, whole)
            : part.Bytes < wanted && whole > offset + part.Bytes ? BrokenOff(call)
            : new CloudFailure(CloudFailureKind.Malformed, $"{call}: {part.Bytes} bytes at {offset}, it says, of {whole}");
    }

    private static async ValueTask<CloudOutcome<CloudRead>> FillPartAsync(
        string call, Stream body, ContentRangeHeaderValue range, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (range.From != offset)
        {
            return new CloudFailure(CloudFailureKind.Malformed, $"{call}: another range than was asked for");
        }

        int bytes = (int)Math.Min(destination.Length, range.To!.Value - offset + 1);
        CloudOutcome<CloudRead> read =
            await FillAsync(call, body, 0, destination[..bytes], bytes, cancellationToken).ConfigureAwait(false);
        return read.Succeeded ? new CloudRead(bytes, UnknownLength) : read;
    }

    /// <summary>
    /// Passes <paramref name="skip"/> bytes over, then reads what an object of <paramref name="length"/> bytes has; null: of a length
    /// that is not known, up to the body's end.
    /// </summary>
    private static async ValueTask<CloudOutcome<CloudRead>> FillAsync(
        string call, Stream body, long skip, Memory<byte> destination, long? length, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min(destination.Length, (length ?? long.MaxValue) - skip);
        byte[] skipped = skip == 0 ? [] : new byte[Math.Min(skip, SkipBytes)];
        while (skip > 0)
        {
            int step = await body.ReadAsync(skipped.AsMemory(0, (int)Math.Min(skip, skipped.Length)), cancellationToken).ConfigureAwait(false);
            if (step == 0)
            {
                return length is null ? new CloudRead(0, UnknownLength) : BrokenOff(call);
            }

            skip -= step;
        }

        int read = await body.ReadAtLeastAsync(destination[..wanted], wanted, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == wanted || length is null ? new CloudRead(read, length ?? UnknownLength) : BrokenOff(call);
    }

    private static CloudFailure BrokenOff(string call) => new(CloudFailureKind.Unavailable, $"{call}: the connection broke off");
}
