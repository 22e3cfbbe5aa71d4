using System.Collections.Concurrent;

namespace Culvert.Kits;

/// <summary>
/// Blobs in memory. Stops like a crashed machine after <see cref="OperationsLeft"/> writing operations: that operation and all
/// later ones fail and change nothing.
/// </summary>
public sealed class MemoryBlobs : IBlobs
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new(StringComparer.Ordinal);
    private int _operationsLeft = int.MaxValue;

    public int OperationsLeft
    {
        get => _operationsLeft;
        set => _operationsLeft = value;
    }

    public IReadOnlyDictionary<string, byte[]> Content => _blobs;

    public long Bytes => _blobs.Values.Sum(blob => (long)blob.Length);

    public byte[] this[string name]
    {
        get => _blobs[name];
        set => _blobs[name] = value;
    }

    public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Step();
        _blobs[name] = content.ToArray();
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(_blobs.TryGetValue(name, out byte[]? blob) ? blob.Length : null);

    public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!_blobs.TryGetValue(name, out byte[]? blob) || offset >= blob.Length)
        {
            return ValueTask.FromResult(0);
        }

        int length = (int)Math.Min(destination.Length, blob.Length - offset);
        blob.AsMemory((int)offset, length).CopyTo(destination);
        return ValueTask.FromResult(length);
    }

    public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>(
            [.. _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);

    public ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Step();
        _blobs.TryRemove(name, out _);
        return ValueTask.CompletedTask;
    }

    private void Step()
    {
        if (Interlocked.Decrement(ref _operationsLeft) < 0)
        {
            throw new IOException("the machine has crashed");
        }
    }
}
