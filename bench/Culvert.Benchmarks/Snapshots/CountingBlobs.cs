using Culvert.Engine;

namespace Culvert.Benchmarks.Snapshots;

/// <summary>A folder of snapshots that counts what is put there; thread safe.</summary>
internal sealed class CountingBlobs(FolderBlobs folder) : IBlobs, IDisposable
{
    private const string Manifests = "manifests/";

    private long _bytesPut;
    private int _manifestsPut;

    /// <summary>Bytes put so far.</summary>
    public long BytesPut => Interlocked.Read(ref _bytesPut);

    /// <summary>Snapshots that were completed.</summary>
    public int ManifestsPut => Volatile.Read(ref _manifestsPut);

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await folder.PutAsync(name, content, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _bytesPut, content.Length);
        if (name.StartsWith(Manifests, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _manifestsPut);
        }
    }

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) => folder.LengthAsync(name, cancellationToken);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        folder.ReadAsync(name, offset, destination, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        folder.ListAsync(prefix, cancellationToken);

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => folder.DeleteAsync(name, cancellationToken);

    public void Dispose() => folder.Dispose();
}
