namespace Culvert.Storage;

/// <summary>
/// A folder of a WebDAV server (RFC 4918). One attempt a call (<see cref="RetryingCloud"/> adds more). Folders are made as objects
/// need them, and stay. Thread safe.
/// </summary>
/// <remarks>
/// Conditional puts are <c>If-None-Match: *</c> where the server heeds it; else the object is put under a name of its own and moved
/// with <c>Overwrite: F</c> (section 9.9.3), where the server heeds that; both are tried once with an object of their own. Whether
/// of two at the same moment one wins is the server's to see to; trying cannot show it, and so the cloud does not promise it.
/// </remarks>
public sealed class WebDavCloud : ICloud, IFolderTree, IDisposable
{
    // Longer than any put takes: what is older was left by a crash.
    private static readonly TimeSpan s_leftoverAge = TimeSpan.FromDays(1);

    private readonly WebDavLink _link;
    private readonly WebDavFolders _folders;
    private readonly IEntropy _entropy;
    private readonly PutProbe _ifNoneMatch;
    private readonly PutProbe _move;

    /// <summary>A folder's cloud; nothing is asked yet.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Where it is.</param>
    /// <param name="entropy">Names of objects that are moved, and of the one that conditional puts are tried with.</param>
    public WebDavCloud(string name, WebDavOptions options, IEntropy entropy)
    {
        (Name, _entropy) = (name, entropy);
        _link = new WebDavLink(name, options);
        _folders = new WebDavFolders(_link);
        _ifNoneMatch = new PutProbe(cancel => ProbeAsync(StoreIfNoneMatchAsync, cancel));
        _move = new PutProbe(cancel => ProbeAsync(StoreByMoveAsync, cancel));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public CloudTraits Traits => new(ConditionalPut: false);

    /// <inheritdoc/>
    public async ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken)
    {
        CloudOutcome<CloudDone> found = await _link.FindAsync("", cancellationToken).ConfigureAwait(false);
        if (found.Failure?.Kind == CloudFailureKind.Absent)
        {
            found = await _link.MakeFolderAsync("", cancellationToken).ConfigureAwait(false);
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

        return heeds.Succeeded ? await RemoveLeftoversAsync(cancellationToken).ConfigureAwait(false) : heeds.Failure;
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        CloudName.RequirePrefix(prefix);
        return new FolderWalk(this, prefix, after).ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        CloudName.Require(name);
        return _link.GetAsync(name, offset, destination, cancellationToken);
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
        return _link.DeleteAsync(name, cancellationToken);
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
        CloudOutcome<List<WebDavEntry>> children = await _link.ChildrenAsync(folder, cancellationToken).ConfigureAwait(false);
        if (!children.Succeeded)
        {
            return children.Failure;
        }

        // Somebody else's files, and those of which the server does not tell the length, are passed over.
        return children.Value
            .Where(entry => CloudName.IsSound(entry.Name) && (entry.IsFolder || entry.Bytes is not null))
            .Select(entry => new FolderChild(entry.Name, entry.IsFolder, entry.IsFolder ? 0 : entry.Bytes!.Value))
            .ToList();
    }

    ValueTask<CloudOutcome<CloudDone>> IFolderTree.FindAsync(CancellationToken cancellationToken) => _link.FindAsync("", cancellationToken);

    /// <summary>Removes what puts left that a crash ended between put and move.</summary>
    private async ValueTask<CloudOutcome<CloudDone>> RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        CloudOutcome<List<WebDavEntry>> children = await _link.ChildrenAsync("", cancellationToken).ConfigureAwait(false);
        if (!children.Succeeded)
        {
            return children.Failure;
        }

        foreach (WebDavEntry entry in children.Value.Where(entry => !entry.IsFolder && entry.Age > s_leftoverAge && CloudTemporary.IsOne(entry.Name)))
        {
            CloudOutcome<CloudDone> removed = await _link.DeleteAsync(entry.Name, cancellationToken).ConfigureAwait(false);
            if (!removed.Succeeded)
            {
                return removed;
            }
        }

        return default(CloudDone);
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
        await _link.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
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

        CloudOutcome<CloudDone> moved = await _folders.StoreAsync(
            name, () => _link.MoveAsync(temporary, name, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (moved.Failure?.Kind == CloudFailureKind.Exists)
        {
            // .NET repeats a request without a body by itself when a connection ends under it: the first move may have been done,
            // and then its source, which only this call knows, is gone.
            CloudOutcome<CloudRead> source = await _link.LengthAsync($"{Name}: put '{name}'", temporary, cancellationToken).ConfigureAwait(false);
            if (source.Failure is { } failure)
            {
                return failure.Kind == CloudFailureKind.Absent ? default(CloudDone) : failure;
            }
        }

        if (!moved.Succeeded)
        {
            await _link.DeleteAsync(temporary, cancellationToken).ConfigureAwait(false);
        }

        return moved;
    }

    private ValueTask<CloudOutcome<CloudDone>> StoreAsync(
        string name, ReadOnlyMemory<byte> content, bool ifNoneMatch, CancellationToken cancellationToken) =>
        _folders.StoreAsync(name, () => _link.PutAsync(name, content, ifNoneMatch, cancellationToken), cancellationToken);
}
