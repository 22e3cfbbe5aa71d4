using System.Net;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>
/// A folder of a WebDAV server (RFC 4918). One attempt a call (<see cref="RetryingCloud"/> adds more). Folders are made as objects
/// need them, and stay. Thread safe.
/// </summary>
/// <remarks>
/// Conditional puts are <c>If-None-Match: *</c> where the server heeds it; else the object is put under a name of its own and moved
/// with <c>Overwrite: F</c> (section 9.9.3), where the server heeds that; both are tried once with an object of their own. Whether
/// of two at the same moment one wins is the server's to see to: trying cannot show it.
/// </remarks>
public sealed class WebDavCloud : ICloud, IFolderTree, IDisposable
{
    // Folders known to be there; when there are more they are asked for again.
    private const int FoldersMax = 10_000;

    private readonly WebDavRequests _requests;
    private readonly HttpLink _link;
    private readonly IEntropy _entropy;
    private readonly PutProbe _ifNoneMatch;
    private readonly PutProbe _move;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Lock _foldersLock = new();

    /// <summary>A folder's cloud; nothing is asked yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="entropy">Names of objects that are moved, and of the one that conditional puts are tried with.</param>
    public WebDavCloud(string name, WebDavOptions options, IEntropy entropy)
    {
        (Name, _entropy) = (name, entropy);
        _requests = new WebDavRequests(options);
        _link = new HttpLink(options.Folder);
        _ifNoneMatch = new PutProbe(cancel => ProbeAsync(StoreIfNoneMatchAsync, cancel));
        _move = new PutProbe(cancel => ProbeAsync(StoreByMoveAsync, cancel));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CloudTraits Traits => new(ConditionalPut: _ifNoneMatch.Known == true || _move.Known == true);

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        CloudOutcome<CloudDone> found = await FindAsync(cancellationToken).ConfigureAwait(false);
        if (found.Failure?.Kind == CloudFailureKind.Absent)
        {
            found = await MakeFolderAsync("", cancellationToken).ConfigureAwait(false);
        }

        if (!found.Succeeded)
        {
            return found;
        }

        CloudOutcome<bool> heeds = await _ifNoneMatch.AskAsync(cancellationToken).ConfigureAwait(false);
        if (heeds.Succeeded && !heeds.Value)
        {
            heeds = await _move.AskAsync(cancellationToken).ConfigureAwait(false);
        }

        return heeds.Succeeded ? default(CloudDone) : heeds.Failure;
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        CloudName.RequirePrefix(prefix);
        return new FolderWalk(this, prefix, after).ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudRead>> GetAsync(
        string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        string call = $"{Name}: get '{name}'";
        if (!destination.IsEmpty)
        {
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

            if (await ObjectBody.ReadAsync(call, response, offset, destination, cancellationToken).ConfigureAwait(false) is { } read)
            {
                return read;
            }
        }

        return await LengthAsync(call, name, offset, destination.IsEmpty, cancellationToken).ConfigureAwait(false);
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

        CloudOutcome<bool> heeds = await _ifNoneMatch.AskAsync(cancellationToken).ConfigureAwait(false);
        if (heeds is { Succeeded: true, Value: true })
        {
            return await StoreIfNoneMatchAsync(name, content, cancellationToken).ConfigureAwait(false);
        }

        CloudOutcome<bool> moves = heeds.Succeeded ? await _move.AskAsync(cancellationToken).ConfigureAwait(false) : heeds;
        if (!moves.Succeeded)
        {
            return moves.Failure;
        }

        if (moves.Value)
        {
            return await StoreByMoveAsync(name, content, cancellationToken).ConfigureAwait(false);
        }

        CloudOutcome<CloudRead> found = await GetAsync(name, 0, Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        return found.Failure?.Kind == CloudFailureKind.Absent
            ? await StoreAsync(name, content, ifNoneMatch: false, cancellationToken).ConfigureAwait(false)
            : found.Failure ?? new CloudFailure(CloudFailureKind.Exists, $"{Name}: put '{name}': there is one already");
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
        _link.Dispose();
        _ifNoneMatch.Dispose();
        _move.Dispose();
    }

    /// <inheritdoc/>
    async ValueTask<CloudOutcome<List<FolderChild>>> IFolderTree.ChildrenAsync(string folder, CancellationToken cancellationToken)
    {
        string call = $"{Name}: list '{folder}'";
        CloudOutcome<XElement> answer = await PropertiesAsync(call, folder, depth: 1, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? WebDavListing.Children(call, _requests.UriOf(folder), answer.Value) : answer.Failure;
    }

    ValueTask<CloudOutcome<CloudDone>> IFolderTree.FindAsync(CancellationToken cancellationToken) => FindAsync(cancellationToken);

    private async ValueTask<CloudOutcome<CloudDone>> FindAsync(CancellationToken cancellationToken)
    {
        CloudOutcome<XElement> answer = await PropertiesAsync($"{Name}: find the folder", "", depth: 0, cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? default(CloudDone) : answer.Failure;
    }

    private async ValueTask<CloudOutcome<XElement>> PropertiesAsync(string call, string folder, int depth, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.Properties(folder, depth);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        return response.StatusCode == HttpStatusCode.MultiStatus
            ? await AnswerXml.ReadAsync(call, response, cancellationToken).ConfigureAwait(false)
            : ServerFailures.FromStatus(call, response.StatusCode, null);
    }

    private async ValueTask<CloudOutcome<CloudRead>> LengthAsync(
        string call, string name, long offset, bool isAllThatWasAsked, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.New(HttpMethod.Head, name);
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        return ObjectBody.Length(call, response, offset, isAllThatWasAsked) ?? ServerFailures.FromStatus(call, response.StatusCode, null);
    }

    private async ValueTask<CloudOutcome<bool>> ProbeAsync(
        Func<string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<CloudOutcome<CloudDone>>> storeIfAbsentAsync, CancellationToken cancellationToken)
    {
        string name = CloudTemporary.NewName(_entropy);
        CloudOutcome<CloudDone> first = await StoreAsync(name, ReadOnlyMemory<byte>.Empty, ifNoneMatch: false, cancellationToken).ConfigureAwait(false);
        if (!first.Succeeded)
        {
            return first.Failure;
        }

        CloudOutcome<CloudDone> second = await storeIfAbsentAsync(name, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        return second.Failure switch
        {
            null => false,
            { Kind: CloudFailureKind.Exists } => true,
            { Kind: CloudFailureKind.Unavailable } failure => failure,

            // No such method or header here.
            _ => false,
        };
    }

    private ValueTask<CloudOutcome<CloudDone>> StoreIfNoneMatchAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        StoreAsync(name, content, ifNoneMatch: true, cancellationToken);

    private async ValueTask<CloudOutcome<CloudDone>> StoreByMoveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string temporary = CloudTemporary.NewName(_entropy);
        CloudOutcome<CloudDone> stored = await StoreAsync(temporary, content, ifNoneMatch: false, cancellationToken).ConfigureAwait(false);
        if (!stored.Succeeded)
        {
            return stored;
        }

        CloudOutcome<CloudDone> moved = await InFolderAsync(
            name,
            async () =>
            {
                using HttpRequestMessage request = _requests.Move(temporary, name);
                return await SendAsync($"put '{name}'", request, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        if (moved.Failure?.Kind == CloudFailureKind.Exists)
        {
            // .NET repeats a request without a body by itself when a connection ends under it: the first move may have been done,
            // and then its source, which only this call knows, is gone.
            CloudOutcome<CloudRead> source =
                await LengthAsync($"{Name}: put '{name}'", temporary, 0, isAllThatWasAsked: true, cancellationToken).ConfigureAwait(false);
            if (source.Failure is { } failure)
            {
                return failure.Kind == CloudFailureKind.Absent ? default(CloudDone) : failure;
            }
        }

        if (!moved.Succeeded)
        {
            await DeleteAsync(temporary, cancellationToken).ConfigureAwait(false);
        }

        return moved;
    }

    private ValueTask<CloudOutcome<CloudDone>> StoreAsync(
        string name, ReadOnlyMemory<byte> content, bool ifNoneMatch, CancellationToken cancellationToken) =>
        InFolderAsync(
            name,
            async () =>
            {
                using HttpRequestMessage request = _requests.New(HttpMethod.Put, name);
                request.Content = new ReadOnlyMemoryContent(content);
                if (ifNoneMatch)
                {
                    request.Headers.Add("If-None-Match", "*");
                }

                return await SendAsync($"put '{name}'", request, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>
    /// Makes the folders of a name, unless they are known to be there, and stores. A folder that is gone since (409, RFC 4918
    /// section 9.7.1) is made once more; where the server calls that a failure of its own (500), by the next attempt.
    /// </summary>
    private async ValueTask<CloudOutcome<CloudDone>> InFolderAsync(
        string name, Func<ValueTask<CloudOutcome<CloudDone>>> storeAsync, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            CloudOutcome<CloudDone> ready = await MakeFoldersAsync(name, cancellationToken).ConfigureAwait(false);
            if (!ready.Succeeded)
            {
                return ready;
            }

            CloudOutcome<CloudDone> stored = await storeAsync().ConfigureAwait(false);
            if (stored.Failure?.Kind is CloudFailureKind.Absent or CloudFailureKind.Unavailable)
            {
                lock (_foldersLock)
                {
                    _folders.Clear();
                }
            }

            if (stored.Failure?.Kind != CloudFailureKind.Absent || again)
            {
                return stored;
            }
        }
    }

    private async ValueTask<CloudOutcome<CloudDone>> MakeFoldersAsync(string name, CancellationToken cancellationToken)
    {
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            string folder = name[..(slash + 1)];
            lock (_foldersLock)
            {
                if (_folders.Contains(folder))
                {
                    continue;
                }
            }

            CloudOutcome<CloudDone> made = await MakeFolderAsync(folder, cancellationToken).ConfigureAwait(false);
            if (!made.Succeeded)
            {
                return made;
            }

            lock (_foldersLock)
            {
                if (_folders.Count >= FoldersMax)
                {
                    _folders.Clear();
                }

                _folders.Add(folder);
            }
        }

        return default(CloudDone);
    }

    private async ValueTask<CloudOutcome<CloudDone>> MakeFolderAsync(string folder, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.MakeFolder(folder);
        return await SendAsync($"make the folder '{folder}'", request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<CloudOutcome<CloudDone>> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = _requests.New(HttpMethod.Delete, name);
        CloudOutcome<CloudDone> removed = await SendAsync($"remove '{name}'", request, cancellationToken).ConfigureAwait(false);
        return removed.Failure?.Kind == CloudFailureKind.Absent ? default(CloudDone) : removed;
    }

    private async ValueTask<CloudOutcome<CloudDone>> SendAsync(string call, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        call = $"{Name}: {call}";
        CloudOutcome<HttpResponseMessage> sent = await _link.SendAsync(call, request, cancellationToken).ConfigureAwait(false);
        if (!sent.Succeeded)
        {
            return sent.Failure;
        }

        using HttpResponseMessage response = sent.Value;
        if (response.StatusCode == HttpStatusCode.InternalServerError && request.Method == HttpMethod.Put
            && (await FindAsync(cancellationToken).ConfigureAwait(false)).Failure is { Kind: CloudFailureKind.Absent } absent)
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
