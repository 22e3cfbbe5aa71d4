using System.Collections.Concurrent;

namespace Culvert.Benchmarks.Clouds;

/// <summary>A client's folder in memory: what a disk takes to flush is not what is measured. Thread safe.</summary>
internal sealed class BenchState : IBlobs
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _blobs[name] = content.ToArray();
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(_blobs.TryGetValue(name, out byte[]? blob) ? blob.Length : null);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!_blobs.TryGetValue(name, out byte[]? blob))
        {
            return ValueTask.FromResult(0);
        }

        int count = (int)Math.Clamp(blob.Length - offset, 0, destination.Length);
        blob.AsMemory((int)Math.Min(offset, blob.Length), count).CopyTo(destination);
        return ValueTask.FromResult(count);
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        _blobs.TryRemove(name, out _);
        return ValueTask.CompletedTask;
    }
}
