using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>
/// Snapshots in a store: a store opened for one run, which has the names that begin so to itself on this machine. Thread safe.
/// Failures throw <see cref="IOException"/>, or <see cref="InvalidDataException"/> where clouds hold something wrong.
/// </summary>
internal sealed class StoreSnapshots : IBlobs, IDisposable
{
    /// <summary>What <c>--snapshots</c> begins with when it names a store's units.</summary>
    internal const string Scheme = "store:";

    private readonly StoreClient _client;
    private readonly Store _store;
    private readonly SnapshotsInFlight _blobs;
    private readonly FileStream _lock;

    private StoreSnapshots(StoreClient client, Store store, string prefix, FileStream held) =>
        (_client, _store, _blobs, _lock) = (client, store, new SnapshotsInFlight(new StoreBlobs(store, prefix)), held);

    /// <summary>Opens them; see <see cref="Engine.SnapshotStoreOpening"/>.</summary>
    internal static IBlobs Open(string configuration, string unitPrefix)
    {
        try
        {
            StoreClient client = new(new StoreChoice(configuration, null), isNew: false);
            try
            {
                FileStream held = TakeLock(client.StatePath, unitPrefix);
                Outcome<Store> store = client.OpenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                return store.Succeeded ? new StoreSnapshots(client, store.Value, unitPrefix, held) : throw new IOException($"{configuration}: {store.Failure.Message}");
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is CommandFailedException or Engine.OwnerKeyException)
        {
            throw new IOException($"snapshots in a store: {failure.Message}", failure);
        }
    }

    /// <summary>The names' beginning that <c>store:jobs/grid</c> stands for; null when it names no store.</summary>
    internal static string? PrefixOf(string snapshots) =>
        snapshots.StartsWith(Scheme, StringComparison.Ordinal) ? snapshots[Scheme.Length..].TrimEnd('/') + "/" : null;

    /// <inheritdoc/>
    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => _blobs.PutAsync(name, content, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) => _blobs.LengthAsync(name, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        _blobs.ReadAsync(name, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) => _blobs.ListAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => _blobs.DeleteAsync(name, cancellationToken);

    /// <summary>Waits for what goes on at slow clouds, and lets go.</summary>
    public void Dispose()
    {
        try
        {
            _blobs.SettleAsync().GetAwaiter().GetResult();
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            // Parts of a snapshot that was never complete, or old ones that stay: neither is in the way of the one before.
        }

        _blobs.Dispose();
        _store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _client.Dispose();
        _lock.Dispose();
    }

    /// <summary>The system frees it when the process ends, however it ends; a lease would be in the way of whoever resumes.</summary>
    private static FileStream TakeLock(string state, string prefix)
    {
        string folder = Path.Combine(state, "runs");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, ContentDigest.Of(System.Text.Encoding.UTF8.GetBytes(prefix)).ToString());
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new IOException($"another run keeps its snapshots in {Scheme}{prefix.TrimEnd('/')}: end that run, or use another name", failure);
        }
    }
}
