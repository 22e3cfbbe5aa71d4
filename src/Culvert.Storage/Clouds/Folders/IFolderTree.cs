namespace Culvert.Storage;

/// <summary>What a folder holds: a file with its length, or a folder.</summary>
internal readonly record struct FolderChild(string Name, bool IsFolder, long Bytes);

/// <summary>A cloud that knows folders, not prefixes.</summary>
internal interface IFolderTree
{
    /// <summary>
    /// What is in <paramref name="folder"/> (empty for the container, else ending in a slash), in any order;
    /// <see cref="CloudFailureKind.Absent"/> when it is not there.
    /// </summary>
    ValueTask<CloudOutcome<List<FolderChild>>> ChildrenAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Whether the container is there: <see cref="CloudFailureKind.Absent"/> when it is not.</summary>
    ValueTask<CloudOutcome<CloudDone>> FindAsync(CancellationToken cancellationToken);
}
