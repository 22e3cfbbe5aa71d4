namespace Culvert.Storage;

/// <summary>The folders that objects of a WebDAV folder need: made when they are needed, and remembered. Thread safe.</summary>
internal sealed class WebDavFolders(WebDavLink link)
{
    // Folders known to be there; when there are more they are asked for again.
    private const int FoldersMax = 10_000;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>
    /// Makes the folders of a name, unless they are known to be there, and stores. A folder that is gone since (409, RFC 4918
    /// section 9.7.1) is made once more; where the server calls that a failure of its own (500), by the next attempt.
    /// </summary>
    internal async ValueTask<CloudOutcome<CloudDone>> StoreAsync(
        string name, Func<ValueTask<CloudOutcome<CloudDone>>> storeAsync, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            CloudOutcome<CloudDone> ready = await MakeAsync(name, cancellationToken).ConfigureAwait(false);
            if (!ready.Succeeded)
            {
                return ready;
            }

            CloudOutcome<CloudDone> stored = await storeAsync().ConfigureAwait(false);
            if (stored.Failure?.Kind is CloudFailureKind.Absent or CloudFailureKind.Unavailable)
            {
                lock (_lock)
                {
                    _known.Clear();
                }
            }

            if (stored.Failure?.Kind != CloudFailureKind.Absent || again)
            {
                return stored;
            }
        }
    }

    private async ValueTask<CloudOutcome<CloudDone>> MakeAsync(string name, CancellationToken cancellationToken)
    {
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            string folder = name[..(slash + 1)];
            lock (_lock)
            {
                if (_known.Contains(folder))
                {
                    continue;
                }
            }

            CloudOutcome<CloudDone> made = await link.MakeFolderAsync(folder, cancellationToken).ConfigureAwait(false);
            if (!made.Succeeded)
            {
                return made;
            }

            lock (_lock)
            {
                if (_known.Count >= FoldersMax)
                {
                    _known.Clear();
                }

                _known.Add(folder);
            }
        }

        return default(CloudDone);
    }
}
