using System.Net;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>The single requests of a WebDAV folder (RFC 4918), and what their answers mean. Thread safe.</summary>
internal sealed class WebDavLink : IDisposable
{
    private readonly string _name;
    private readonly WebDavRequests _requests;
    private readonly HttpLink _link;

    internal WebDavLink(string name, WebDavOptions options) =>
        (_name, _requests, _link) = (name, new WebDavRequests(options), new HttpLink(options.Folder));

    public void Dispose() => _link.Dispose();

    /// <summary>Whether the folder of all is there.</summary>
    internal async ValueTask<CloudOutcome<CloudDone>> FindAsync(string folder, CancellationToken cancellationToken)
    {
        CloudOutcome<List<WebDavEntry>> found =
            await PropertiesAsync($"{_name}: find the folder '{folder}'", folder, depth: 0, cancellationToken).ConfigureAwait(false);
        return found.Succeeded ? default(CloudDone) : found.Failure;
    }

    /// <summary>What is in a folder.</summary>
    internal ValueTask<CloudOutcome<List<WebDavEntry>>> ChildrenAsync(string folder, CancellationToken cancellationToken) =>
        PropertiesAsync($"{_name}: list '{folder}'", folder, depth: 1, cancellationToken);

    /// <summary>Reads part of an object, as <see cref="ICloud.GetAsync"/>.</summary>
    internal async ValueTask<CloudOutcome<CloudRead>> GetAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        string call = $"{_name}: get '{name}'";
        if (destination.IsEmpty)
        {
            return await LengthAsync(call, name, cancellationToken).ConfigureAwait(false);
        }

        using HttpRequestMessage request = _requests.New(HttpMethod.Get, name);
        request.Headers.Range = ObjectBody.Range(offset, destination.Length);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable))
        {
            return ServerFailures.FromStatus(call, response.StatusCode, null);
        }

        CloudOutcome<CloudRead>? read = await ObjectBody.ReadAsync(call, response, offset, destination, cancellationToken).ConfigureAwait(false);
        if (read is { } outcome && (!outcome.Succeeded || outcome.Value.ObjectBytes != ObjectBody.UnknownLength))
        {
            return outcome;
        }

        CloudOutcome<CloudRead> length = await LengthAsync(call, name, cancellationToken).ConfigureAwait(false);
        return read is { } part ? ObjectBody.Complete(call, part.Value, offset, destination.Length, length)
            : length.Succeeded ? ObjectBody.Behind(call, offset, length.Value.ObjectBytes)
            : length;
    }

    /// <summary>
    /// An object's length: by HEAD, and by its property where a server leaves the length out there (Apache does for empty files, and
    /// others for all).
    /// </summary>
    internal async ValueTask<CloudOutcome<CloudRead>> LengthAsync(string call, string name, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.New(HttpMethod.Head, name);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return ServerFailures.FromStatus(call, response.StatusCode, null);
        }

        if (response.Content.Headers.ContentLength is { } length)
        {
            return new CloudRead(0, length);
        }

        CloudOutcome<List<WebDavEntry>> found = await PropertiesAsync(call, name, depth: 0, cancellationToken).ConfigureAwait(false);
        return !found.Succeeded ? found.Failure
            : found.Value is [{ IsFolder: false, Bytes: { } bytes }] ? new CloudRead(0, bytes)
            : new CloudFailure(CloudFailureKind.Malformed, $"{call}: an answer without a length");
    }

    /// <summary>Stores an object whose folder is there; where there is one already only unless <paramref name="ifNoneMatch"/>.</summary>
    internal async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, bool ifNoneMatch, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.New(HttpMethod.Put, name);
        HttpLink.Give(request, content);
        if (ifNoneMatch)
        {
            request.Headers.Add("If-None-Match", "*");
        }

        return await SendAsync($"put '{name}'", request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives an object another name, unless that is taken (RFC 4918, section 9.9.3).</summary>
    internal async ValueTask<CloudOutcome<CloudDone>> MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.Move(from, to);
        return await SendAsync($"put '{to}'", request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a folder whose parent is there; nothing happens when it is there already.</summary>
    internal async ValueTask<CloudOutcome<CloudDone>> MakeFolderAsync(string folder, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.MakeFolder(folder);
        CloudOutcome<CloudDone> made = await SendAsync($"make the folder '{folder}'", request, cancellationToken).ConfigureAwait(false);
        if (made.Succeeded)
        {
            return made;
        }

        // Of two that make it at the same moment, some servers tell one that they failed (500), or that its parent is not there (409).
        CloudOutcome<CloudDone> found = await FindAsync(folder, cancellationToken).ConfigureAwait(false);
        return found.Succeeded ? found : made;
    }

    /// <summary>Removes an object; succeeds when there is none.</summary>
    internal async ValueTask<CloudOutcome<CloudDone>> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.New(HttpMethod.Delete, name);
        CloudOutcome<CloudDone> removed = await SendAsync($"remove '{name}'", request, cancellationToken).ConfigureAwait(false);
        return removed.Failure?.Kind == CloudFailureKind.Absent ? default(CloudDone) : removed;
    }

    private async ValueTask<CloudOutcome<List<WebDavEntry>>> PropertiesAsync(
        string call, string name, int depth, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.Properties(name, depth);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode != HttpStatusCode.MultiStatus)
        {
            return ServerFailures.FromStatus(call, response.StatusCode, null);
        }

        CloudOutcome<XElement> answer = await AnswerXml.ReadAsync(call, response, cancellationToken).ConfigureAwait(false);
        return !answer.Succeeded ? answer.Failure
            : depth == 0 ? WebDavListing.Itself(call, _requests.UriOf(name), answer.Value)
            : WebDavListing.Children(call, _requests.UriOf(name), answer.Value, response.Headers.Date);
    }

    private async ValueTask<CloudOutcome<CloudDone>> SendAsync(string call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        call = $"{_name}: {call}";
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode == HttpStatusCode.InternalServerError && request.Method == HttpMethod.Put
            && (await FindAsync("", cancellationToken).ConfigureAwait(false)).Failure is { Kind: CloudFailureKind.Absent } absent)
        {
            // nginx says so when there is no folder for the object.
            return absent;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.NoContent => default(CloudDone),

            // The folder is there already.
            HttpStatusCode.MethodNotAllowed when request.Method == WebDavRequests.MkCol => default(CloudDone),

            // A folder on the way is not there.
            HttpStatusCode.Conflict => new CloudFailure(CloudFailureKind.Absent, $"{call}: there is no folder for it (HTTP 409)"),
            _ => ServerFailures.FromStatus(call, response.StatusCode, null),
        };
    }
}
