namespace Culvert.Storage;

/// <summary>
/// A list in ordinal order of names, made of folders: a folder sorts as its name with the slash, which puts all names below it where
/// they belong. Only folders that can hold what is asked for are looked into.
/// </summary>
internal sealed class FolderWalk(IFolderTree tree, string prefix, string? after)
{
    private readonly List<CloudEntry> _found = [];

    /// <summary>Walks until there are enough names or no more.</summary>
    internal async ValueTask<CloudOutcome<CloudListing>> ListAsync(CancellationToken cancellationToken)
    {
        string start = prefix[..(prefix.LastIndexOf('/') + 1)];
        CloudFailure? failure = await EnterAsync(start, cancellationToken).ConfigureAwait(false);
        if (failure is { Kind: CloudFailureKind.Absent } && start.Length > 0)
        {
            // Nothing below the prefix, unless there is no container at all.
            failure = (await tree.FindAsync(cancellationToken).ConfigureAwait(false)).Failure;
        }

        if (failure is not null)
        {
            return failure;
        }

        bool hasMore = _found.Count > CloudLimits.ListEntriesMax;
        return new CloudListing(hasMore ? _found[..CloudLimits.ListEntriesMax] : _found, hasMore);
    }

    private async ValueTask<CloudFailure?> EnterAsync(string folder, CancellationToken cancellationToken)
    {
        CloudOutcome<List<FolderChild>> listed = await tree.ChildrenAsync(folder, cancellationToken).ConfigureAwait(false);
        if (!listed.Succeeded)
        {
            return listed.Failure;
        }

        // The recursion ends: a path longer than a name can be holds nothing of ours.
        IEnumerable<(string Path, FolderChild Child)> wanted = listed.Value
            .Select(child => (Path: child.IsFolder ? $"{folder}{child.Name}/" : folder + child.Name, Child: child))
            .Where(item => CloudName.IsSound(item.Path.TrimEnd('/')))
            .DistinctBy(item => item.Path)
            .OrderBy(item => item.Path, StringComparer.Ordinal);
        foreach ((string path, FolderChild child) in wanted)
        {
            if (_found.Count > CloudLimits.ListEntriesMax)
            {
                break;
            }

            if (!child.IsFolder)
            {
                if (path.StartsWith(prefix, StringComparison.Ordinal) && (after is null || string.CompareOrdinal(path, after) > 0))
                {
                    _found.Add(new CloudEntry(path, child.Bytes));
                }
            }
            else if (CanHold(path)
                && await EnterAsync(path, cancellationToken).ConfigureAwait(false) is { Kind: not CloudFailureKind.Absent } failure)
            {
                // A folder that is gone meanwhile holds nothing.
                return failure;
            }
        }

        return null;
    }

    private bool CanHold(string folder) =>
        (folder.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(folder, StringComparison.Ordinal))
        && (after is null || string.CompareOrdinal(folder, after) > 0 || after.StartsWith(folder, StringComparison.Ordinal));
}
