namespace Culvert.Engine;

/// <summary>
/// Opens blobs in a store over several clouds, for snapshots; one run at a time has them. What it returns is disposed if it can be.
/// Throws <see cref="IOException"/> when too few clouds answer, and the like. The engine itself knows no clouds: whoever starts it
/// brings this along.
/// </summary>
/// <param name="configuration">The file that says which clouds there are: <c>clouds.yaml</c>.</param>
/// <param name="unitPrefix">Begins the units' names, such as <c>jobs/grid/</c>.</param>
public delegate IBlobs SnapshotStoreOpening(string configuration, string unitPrefix);

/// <summary>Where snapshots are kept: in a folder, or in a store.</summary>
internal static class SnapshotPlace
{
    /// <summary>Opens it. Failures throw <see cref="IOException"/> and <see cref="JobFailedException"/>.</summary>
    /// <param name="place">The folder; in a store the beginning of units' names.</param>
    /// <param name="store">The store's configuration; null: a folder.</param>
    /// <param name="opening">Opens stores; null: this program cannot.</param>
    internal static IBlobs Open(string place, string? store, SnapshotStoreOpening? opening) =>
        store is null ? new FolderBlobs(place)
        : opening is null ? throw new JobFailedException("this program keeps snapshots in a folder only: run the job by 'culvert run' for snapshots in a store")
        : opening(store, place);
}
