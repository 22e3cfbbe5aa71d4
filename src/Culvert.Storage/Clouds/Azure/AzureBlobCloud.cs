using System.Globalization;
using System.Net;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>
/// A container of Azure Blob Storage, over REST with a shared access signature (a URL's query that grants rights until a day). One
/// attempt a call (<see cref="RetryingCloud"/> adds more). Conditional puts are <c>If-None-Match: *</c>. Thread safe.
/// </summary>
public sealed class AzureBlobCloud : ICloud, IDisposable
{
    // Of 2021, and so known to all servers; Put Blob takes 5,000 MiB from 2019 on.
    private const string Version = "2021-08-06";

    // Paged lists under way that are remembered: lists begin anew when theirs was forgotten, which costs calls only.
    private const int MarkersMax = 64;

    private readonly Uri _container;
    private readonly string _signature;
    private readonly HttpLink _link;
    private readonly Dictionary<(string Prefix, string After), string> _markers = [];
    private readonly Lock _markersLock = new();

    /// <summary>A container's cloud; nothing is asked yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="container">The container's URL, without a query.</param>
    /// <param name="sharedAccessSignature">The query that grants the rights, with or without its question mark. A secret.</param>
    public AzureBlobCloud(string name, Uri container, string sharedAccessSignature)
    {
        (Name, _container) = (name, container);
        _signature = sharedAccessSignature.Trim().TrimStart('?');
        _link = new HttpLink(container);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CloudTraits Traits => new(ConditionalPut: true);

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        // Asked first, so that a right to make containers is needed only where there is none.
        CloudOutcome<ServerPage> found = await PageAsync("find the container", "", null, 1, cancellationToken).ConfigureAwait(false);
        if (found.Failure?.Kind != CloudFailureKind.Absent)
        {
            return found.Succeeded ? default(CloudDone) : found.Failure;
        }

        using HttpRequestMessage request = Request(HttpMethod.Put, null, "restype=container");
        request.Content = new ByteArrayContent([]);
        CloudOutcome<CloudDone> made = await SendAsync("make the container", request, HttpStatusCode.Created, cancellationToken).ConfigureAwait(false);

        // Somebody else was faster.
        return made.Failure?.Kind == CloudFailureKind.Exists ? default(CloudDone) : made;
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        CloudName.RequirePrefix(prefix);
        string call = $"list '{prefix}'";
        PagedListing listing = new(
            $"{Name}: {call}", prefix, after, (marker, cancel) => PageAsync(call, prefix, marker, CloudLimits.ListEntriesMax, cancel));
        CloudOutcome<CloudListing> listed = await listing.ListAsync(Marker(prefix, after), cancellationToken).ConfigureAwait(false);
        if (listed.Succeeded && listing.Next is { } next && listed.Value.Entries is [.., { } last])
        {
            Remember(prefix, last.Name, next);
        }

        return listed;
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        string call = $"{Name}: get '{name}'";
        if (!destination.IsEmpty)
        {
            using HttpRequestMessage request = Request(HttpMethod.Get, name, "");
            request.Headers.Range = ObjectBody.Range(offset, destination.Length);
            CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
            if (!sent.Succeeded)
            {
                return sent.Failure;
            }

            using HttpResponseMessage response = sent.Value;
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable))
            {
                return Failed(call, response);
            }

            if (await ObjectBody.ReadAsync(call, response, offset, destination, cancellationToken).ConfigureAwait(false) is { } read)
            {
                return ObjectBody.Known(call, read);
            }
        }

        using HttpRequestMessage head = Request(HttpMethod.Head, name, "");
        CloudOutcome<HttpResponseMessage> answered = await _link.SendAsync(call, head, cancellationToken).ConfigureAwait(false);
        if (!answered.Succeeded)
        {
            return answered.Failure;
        }

        using HttpResponseMessage properties = answered.Value;
        return ObjectBody.Length(call, properties, offset, destination.IsEmpty) ?? Failed(call, properties);
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
        string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        using HttpRequestMessage request = Request(HttpMethod.Put, name, "");
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        HttpLink.Give(request, content);
        if (condition == PutCondition.IfAbsent)
        {
            request.Headers.Add("If-None-Match", "*");
        }

        return await SendAsync($"put '{name}'", request, HttpStatusCode.Created, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        using HttpRequestMessage request = Request(HttpMethod.Delete, name, "");
        CloudOutcome<CloudDone> removed = await SendAsync($"remove '{name}'", request, HttpStatusCode.Accepted, cancellationToken).ConfigureAwait(false);
        return removed.Failure?.Kind == CloudFailureKind.Absent ? default(CloudDone) : removed;
    }

    /// <summary>Closes connections.</summary>
    public void Dispose() => _link.Dispose();

    private async ValueTask<CloudOutcome<ServerPage>> PageAsync(
        string call, string prefix, string? marker, int entriesMax, CancellationToken cancellationToken)
    {
        call = $"{Name}: {call}";
        string query = string.Create(CultureInfo.InvariantCulture, $"restype=container&comp=list&maxresults={entriesMax}")
            + (prefix.Length == 0 ? "" : "&prefix=" + Uri.EscapeDataString(prefix))
            + (marker is null ? "" : "&marker=" + Uri.EscapeDataString(marker));
        using HttpRequestMessage request = Request(HttpMethod.Get, null, query);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return Failed(call, response);
        }

        CloudOutcome<XElement> xml = await AnswerXml.ReadAsync(call, response, cancellationToken).ConfigureAwait(false);
        if (!xml.Succeeded)
        {
            return xml.Failure;
        }

        if (xml.Value.Name != "EnumerationResults" || xml.Value.Element("Blobs") is not { } blobs)
        {
            return new CloudFailure(CloudFailureKind.Malformed, $"{call}: its answer is no list of blobs");
        }

        // An entry without a length of its own is passed over.
        List<CloudEntry> entries =
        [
            .. blobs.Elements("Blob").Select(blob => new CloudEntry(
                blob.Element("Name")?.Value ?? "",
                long.TryParse(blob.Element("Properties")?.Element("Content-Length")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
                    ? bytes : -1)),
        ];
        string next = xml.Value.Element("NextMarker")?.Value ?? "";
        return new ServerPage(entries, next.Length == 0 ? null : next);
    }

    private async ValueTask<CloudOutcome<CloudDone>> SendAsync(
        string call, HttpRequestMessage request, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        call = $"{Name}: {call}";
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        return response.StatusCode == expected ? default(CloudDone) : Failed(call, response);
    }

    private static CloudFailure Failed(string call, HttpResponseMessage response)
    {
        string? code = response.Headers.TryGetValues("x-ms-error-code", out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

        // The container that is to be made is there: no code for names of objects.
        return code == "ContainerAlreadyExists"
            ? new CloudFailure(CloudFailureKind.Exists, $"{call}: there is one already")
            : ServerFailures.FromStatus(call, response.StatusCode, code);
    }

    private HttpRequestMessage Request(HttpMethod method, string? name, string query)
    {
        // Names hold nothing that a URL escapes.
        UriBuilder uri = new(_container)
        {
            Path = _container.AbsolutePath.TrimEnd('/') + (name is null ? "" : "/" + name),
            Query = query.Length == 0 ? _signature : query + "&" + _signature,
        };
        HttpRequestMessage request = new(method, uri.Uri);
        request.Headers.Add("x-ms-version", Version);
        return request;
    }

    private string? Marker(string prefix, string? after)
    {
        lock (_markersLock)
        {
            return after is not null && _markers.TryGetValue((prefix, after), out string? marker) ? marker : null;
        }
    }

    private void Remember(string prefix, string last, string marker)
    {
        lock (_markersLock)
        {
            if (_markers.Count >= MarkersMax)
            {
                _markers.Clear();
            }

            _markers[(prefix, last)] = marker;
        }
    }
}
